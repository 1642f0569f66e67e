//! Where the keys of each command stand and what it does with them, and what clients of clusters are
//! told about spreading it: as Redis 7.0 tells it.

use super::{ACCESS, Begin, DELETE, Find, INSERT, NOT_KEY, OW, RM, RO, RW, Spec, UPDATE, VARIABLE};
use Begin::{After, At, Elsewhere};
use Find::{Counted, Range, Unknown};

const fn spec(flags: u16, begin: Begin, find: Find) -> Spec {
    Spec { flags, begin, find }
}

/// Specifications with the commands that have them, parted by spaces; of a command that has several,
/// in their order.
pub const SPECS: &[(Spec, &str)] = &[
    (
        spec(RO | ACCESS, At(1), Range(0, 1, 0)),
        "bitcount bitfield_ro bitpos copy dump expiretime geodist geohash geopos georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch get getbit getrange hget hgetall hkeys hmget hrandfield hscan hvals lindex lpos lrange pexpiretime pttl smembers smismember sort sort_ro srandmember sscan substr ttl xpending xrange xrevrange zcount zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore",
    ),
    (
        spec(RW | ACCESS | UPDATE, At(1), Range(0, 1, 0)),
        "decr decrby getex getset hincrby hincrbyfloat incr incrby incrbyfloat move setbit zincrby",
    ),
    (
        spec(RW | UPDATE, At(1), Range(0, 1, 0)),
        "expire expireat geoadd hmset hset lset persist pexpire pexpireat setrange sinterstore xack xadd xclaim xsetid zadd",
    ),
    (
        spec(RO | ACCESS, At(1), Counted(0, 1, 1)),
        "sintercard zdiff zinter zintercard zunion",
    ),
    (
        spec(RW | DELETE, At(1), Range(0, 1, 0)),
        "hdel lrem ltrim srem xautoclaim xdel xtrim zrem zremrangebylex zremrangebyrank zremrangebyscore",
    ),
    (
        spec(RW | ACCESS | DELETE, At(1), Range(0, 1, 0)),
        "blmove brpoplpush getdel lmove lpop rename renamenx rpop rpoplpush smove spop zpopmax zpopmin",
    ),
    (
        spec(OW | UPDATE, At(2), Range(0, 1, 0)),
        "bitop copy rename",
    ),
    (spec(OW | UPDATE, At(1), Range(-1, 2, 0)), "mset"),
    (
        spec(RW | INSERT, At(1), Range(0, 1, 0)),
        "append hsetnx linsert lpush lpushx pfadd rpush rpushx sadd",
    ),
    (
        spec(OW | UPDATE, At(1), Range(0, 1, 0)),
        "geosearchstore psetex restore restore-asking sdiffstore setex sunionstore zdiffstore zinterstore zrangestore zunionstore",
    ),
    (
        spec(RW | ACCESS | DELETE, At(1), Range(-2, 1, 0)),
        "blpop brpop bzpopmax bzpopmin",
    ),
    (
        spec(RO | ACCESS, At(2), Range(0, 1, 0)),
        "geosearchstore xinfo|consumers xinfo|groups xinfo|stream zrangestore",
    ),
    (
        spec(RO, At(2), Range(0, 1, 0)),
        "memory|usage object|encoding object|freq object|idletime object|refcount",
    ),
    (spec(OW | INSERT, At(2), Range(0, 1, 0)), "renamenx"),
    (spec(RM | DELETE, At(1), Range(-1, 1, 0)), "del unlink"),
    (
        spec(RO | ACCESS, At(2), Counted(0, 1, 1)),
        "eval_ro evalsha_ro fcall_ro zdiffstore zinterstore zunionstore",
    ),
    (
        spec(RO, At(1), Range(0, 1, 0)),
        "hexists hlen hstrlen llen scard sismember strlen type xlen zcard",
    ),
    (
        spec(RW | DELETE, At(2), Range(0, 1, 0)),
        "xgroup|delconsumer xgroup|destroy",
    ),
    (
        spec(RW | INSERT, At(2), Range(0, 1, 0)),
        "blmove brpoplpush lmove rpoplpush smove xgroup|create xgroup|createconsumer",
    ),
    (spec(RW | UPDATE, At(2), Range(0, 1, 0)), "xgroup|setid"),
    (spec(RO, At(1), Range(-1, 1, 0)), "exists touch watch"),
    (spec(RO | ACCESS, Elsewhere, Unknown), "sort sort_ro"),
    (
        spec(RO | ACCESS, At(1), Range(-1, 1, 0)),
        "mget sdiff sinter sunion",
    ),
    (
        spec(OW | UPDATE, After("STORE", 5), Range(0, 1, 0)),
        "georadiusbymember",
    ),
    (
        spec(OW | UPDATE, After("STOREDIST", 5), Range(0, 1, 0)),
        "georadiusbymember",
    ),
    (
        spec(RW | ACCESS | UPDATE | VARIABLE, At(1), Range(0, 1, 0)),
        "bitfield set",
    ),
    (spec(RW | ACCESS, At(1), Range(-1, 1, 0)), "pfcount"),
    (
        spec(RO | ACCESS, After("STREAMS", 1), Range(-1, 1, 2)),
        "xread",
    ),
    (
        spec(NOT_KEY, At(1), Range(-1, 1, 0)),
        "ssubscribe sunsubscribe",
    ),
    (
        spec(RW | ACCESS | DELETE, At(1), Counted(0, 1, 1)),
        "lmpop zmpop",
    ),
    (
        spec(RW | ACCESS | DELETE, At(2), Counted(0, 1, 1)),
        "blmpop bzmpop",
    ),
    (spec(OW | INSERT, At(1), Range(-1, 2, 0)), "msetnx"),
    (spec(RO | ACCESS, At(1), Range(1, 1, 0)), "lcs"),
    (
        spec(RO | ACCESS, After("STREAMS", 4), Range(-1, 1, 2)),
        "xreadgroup",
    ),
    (spec(OW | UPDATE, Elsewhere, Unknown), "sort"),
    (spec(RO | ACCESS, At(3), Range(-1, 1, 0)), "bitop"),
    (
        spec(RW | ACCESS | UPDATE, At(2), Counted(0, 1, 1)),
        "eval evalsha fcall",
    ),
    (spec(OW | INSERT, At(1), Range(0, 1, 0)), "setnx"),
    (spec(RW | ACCESS | INSERT, At(1), Range(0, 1, 0)), "pfmerge"),
    (
        spec(RO | ACCESS, At(2), Range(-1, 1, 0)),
        "pfmerge sdiffstore sinterstore sunionstore",
    ),
    (spec(NOT_KEY, At(1), Range(0, 1, 0)), "spublish"),
    (
        spec(OW | UPDATE, After("STORE", 6), Range(0, 1, 0)),
        "georadius",
    ),
    (
        spec(OW | UPDATE, After("STOREDIST", 6), Range(0, 1, 0)),
        "georadius",
    ),
];

/// Hints, and the commands that have them.
pub const TIPS: &[(&[&str], &str)] = &[
    (
        &["request_policy:all_nodes", "response_policy:all_succeeded"],
        "config|set latency|reset script|flush script|load slowlog|reset",
    ),
    (
        &[
            "request_policy:all_nodes",
            "response_policy:agg_sum",
            "nondeterministic_output",
        ],
        "slowlog|len",
    ),
    (
        &["request_policy:all_nodes", "nondeterministic_output"],
        "slowlog|get",
    ),
    (
        &["nondeterministic_output"],
        "client|info client|list cluster|info cluster|links cluster|nodes cluster|shards cluster|slots dump hrandfield hscan lastsave object|encoding object|freq object|idletime object|refcount pttl spop srandmember sscan time ttl xadd xautoclaim xclaim xinfo|consumers xpending xtrim zrandmember zscan",
    ),
    (
        &[
            "request_policy:multi_shard",
            "response_policy:all_succeeded",
        ],
        "mset",
    ),
    (
        &[
            "nondeterministic_output",
            "request_policy:all_shards",
            "response_policy:special",
        ],
        "info memory|doctor memory|malloc-stats memory|stats",
    ),
    (
        &["request_policy:all_shards", "response_policy:all_succeeded"],
        "flushall flushdb function|delete function|flush function|load memory|purge ping",
    ),
    (
        &["request_policy:all_shards", "response_policy:agg_sum"],
        "dbsize",
    ),
    (
        &["nondeterministic_output_order"],
        "command command|docs command|info command|list function|list hgetall hkeys hvals module|list sdiff sinter smembers sunion",
    ),
    (
        &["request_policy:multi_shard", "response_policy:agg_sum"],
        "del exists touch unlink",
    ),
    (
        &[
            "request_policy:all_shards",
            "response_policy:agg_logical_and",
        ],
        "script|exists",
    ),
    (
        &["request_policy:all_shards", "response_policy:one_succeeded"],
        "script|kill",
    ),
    (&["request_policy:multi_shard"], "mget"),
    (
        &[
            "nondeterministic_output",
            "request_policy:all_nodes",
            "response_policy:special",
        ],
        "latency|doctor latency|graph latency|histogram latency|history latency|latest",
    ),
    (
        &["nondeterministic_output", "request_policy:special"],
        "scan",
    ),
    (
        &["request_policy:all_shards", "response_policy:agg_min"],
        "wait",
    ),
    (
        &["request_policy:multi_shard", "response_policy:agg_min"],
        "msetnx",
    ),
    (
        &["request_policy:all_shards", "nondeterministic_output_order"],
        "keys",
    ),
    (
        &["request_policy:all_shards", "nondeterministic_output"],
        "randomkey",
    ),
];
