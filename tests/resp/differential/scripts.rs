//! Scripts and functions answer as Redis's do, in both protocols.

use super::super::kit::{Port, Reply};
use super::{Redis, ask};

/// A script with one key (`k`) and two arguments (`a`, `2`), run after `SET k v`.
const SCRIPTS: &[&str] = &[
    // Values and answers.
    "return {1, 2.9, -2.9, 'text', true, false, nil, 4}",
    "return {1, nil, 3}",
    "return {KEYS[1], ARGV[1], ARGV[2] + 1, #KEYS, #ARGV}",
    "return redis.status_reply('FINE')",
    "return redis.error_reply('MY own error')",
    "return redis.error_reply('alone')",
    "return redis.error_reply('-MY other\\r\\n')",
    "return {ok = 'a\\nb', 1}",
    "return {err = 'BAD thing'}",
    "return {double = 1.5}",
    "return {big_number = '123456789012345678901234567890'}",
    "return {verbatim_string = {format = 'txt', string = 'text'}}",
    "return {map = {a = 1}}",
    "return {set = {a = true}}",
    "redis.setresp(3) return {true, false, redis.call('hgetall', 'nothing'), redis.call('get', 'nothing')}",
    "redis.setresp(3) redis.call('zadd', 'z', 1.5, 'm') return redis.call('zscore', 'z', 'm')",
    "redis.setresp(3) redis.call('sadd', 's', 'm') return redis.call('smembers', 's').set.m",
    "redis.call('hset', 'h', 'f', 'v') redis.setresp(3) return redis.call('hgetall', 'h')",
    "return 9007199254740993",
    "return 1e300",
    "return function() end",
    "local t = {} t[1] = t return #t",
    // Commands.
    "return redis.call('get', KEYS[1])",
    "return redis.call('set', KEYS[1], 0.1) and redis.call('get', KEYS[1])",
    "redis.call('set', KEYS[1], 1e20) return redis.call('get', KEYS[1])",
    "redis.call('incr', KEYS[1])",
    "return redis.pcall('incr', KEYS[1])",
    "return redis.pcall('incr', KEYS[1]).err",
    "return {pcall(redis.call, 'incr', KEYS[1])}",
    "local ok, problem = pcall(function() redis.call('lpush', KEYS[1], 1) end) return problem",
    "redis.call()",
    "redis.call('get')",
    "redis.call('nothing')",
    "redis.call('object', 'nothing')",
    "redis.call('get', {})",
    "redis.call('get', nil)",
    "redis.call('get', true)",
    "redis.call('subscribe', 'c')",
    "redis.call('multi')",
    "redis.call('eval', 'return 1', 0)",
    "redis.call('xread', 'BLOCK', 0, 'STREAMS', 's', '$')",
    "redis.call('select', 3) redis.call('set', 'there', 1) return redis.call('dbsize')",
    "return redis.call('blmpop', 1, 1, 'l', 'LEFT')",
    "return redis.call('keys', '*')",
    "redis.call('flushall') return redis.call('dbsize')",
    "return redis.sha1hex('')",
    "return redis.sha1hex()",
    "return redis.sha1hex(12)",
    "return {redis.REDIS_VERSION, redis.REDIS_VERSION_NUM, redis.LOG_WARNING, redis.REPL_ALL}",
    "return {redis.breakpoint(), redis.replicate_commands(), redis.debug('a')}",
    "return redis.setresp(4)",
    "return redis.setresp()",
    "return redis.log(1)",
    "return redis.log('a', 'b')",
    "return redis.log(9, 'b')",
    "return redis.set_repl(redis.REPL_NONE)",
    "return redis.set_repl(9)",
    "return {redis.acl_check_cmd('get', 'k'), redis.acl_check_cmd('set', 'k', 'v')}",
    "return redis.acl_check_cmd('nothing')",
    "local t = {} for i = 1, 7999 do t[i] = i end return redis.call('lpush', 'l', unpack(t))",
    // What there is not.
    "return nothing",
    "nothing = 1",
    "return {type(print), type(os), type(io)}",
    "return os",
    "return io.open('/etc/passwd')",
    "return require('os')",
    "return loadfile('/etc/passwd')",
    "return dofile('/etc/passwd')",
    "return debug.getinfo(1)",
    "redis.call = function() end",
    "redis.nothing = 1",
    "_G.redis = 1",
    "_G[1] = 1",
    "string.rep = 1",
    "getmetatable('').__index = 1",
    "getmetatable(_G).__index = {}",
    "cjson.encode = 1",
    "bit.band = 1",
    "KEYS = {}",
    "KEYS[1] = 'other' return KEYS[1]",
    "return {type(load), type(coroutine.wrap)}",
    "local f = loadstring('return redis.call(\"get\", KEYS[1])') return f()",
    "return loadstring('return (')",
    "local wrapped = coroutine.wrap(function() coroutine.yield(redis.call('get', KEYS[1])) end) return wrapped()",
    "local names = {} for name in pairs(redis) do names[#names + 1] = name end table.sort(names) return names",
    "local names = {} for name in pairs(_G) do names[#names + 1] = name end table.sort(names) return names",
    "error('plain')",
    "error({err = 'MY table'})",
    "error(redis.error_reply('MY reply'))",
    "local x = nil; return x.y",
    "return 1 + {}",
    "return ('x'):rep(3)",
    "if true then return redis.call('lpush', KEYS[1], 1) end",
    "\n\n  redis.call('lpush', KEYS[1], 1)",
    "return (",
    // Numbers by chance.
    "math.randomseed(7) return {math.random(1000), math.random(5, 9), tostring(math.random())}",
    "math.randomseed(-3) return {math.random(1000000)}",
    "return math.random(0)",
    "return math.random(3, 1)",
    "return math.random(1, 2, 3)",
    "return math.random('x')",
    // Libraries.
    "return cjson.encode({a = {1, 2, {b = false}}, c = cjson.null, d = 'é/\\n\\1\"'})",
    "return {cjson.encode({}), cjson.encode({[1] = 1, [3] = 3}), cjson.encode(1.5), cjson.encode(1e15)}",
    "return cjson.encode({[1] = 1, [50] = 50})",
    "return cjson.encode({[true] = 1})",
    "return cjson.encode(function() end)",
    "return cjson.encode(0/0)",
    "return cjson.encode()",
    "local t = {} t.t = t return cjson.encode(t)",
    "local d = cjson.decode('{\"a\": [1, 2.5, \"x\\\\u00e9\\\\ud83d\\\\ude00\", null, true]}') return {d.a[1], tostring(d.a[2]), d.a[3], d.a[4] == cjson.null, d.a[5]}",
    "return cjson.decode('{\"a\"')",
    "return cjson.decode('[1,]')",
    "return cjson.decode('[1 2]')",
    "return cjson.decode('nope')",
    "return cjson.decode('\"\\\\ud800\"')",
    "return cjson.decode('')",
    "return tostring(cjson.decode('0x10'))",
    "return cjson.decode(('['):rep(1001))",
    "local hex = {} local s = cmsgpack.pack({1, 'a', 300, -1, -200, 70000, 1.5, 0.1, true, {x = 1}}, 2) for i = 1, #s do hex[i] = ('%02x'):format(s:byte(i)) end return table.concat(hex)",
    "return {cmsgpack.unpack(cmsgpack.pack(1, 'b', {3, 4}))}",
    "return {cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), 1)}",
    "return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2, 0)}",
    "return cmsgpack.unpack('\\193')",
    "return cmsgpack.unpack('\\220')",
    "return cmsgpack.pack()",
    "local hex = {} local s = struct.pack('>I2<i4bBhHlLfd!4xc3s', 258, -2, -1, 255, -2, 3, 4, 5, 1.5, -0.1, 'abcd', 'z') for i = 1, #s do hex[i] = ('%02x'):format(s:byte(i)) end return table.concat(hex)",
    "return {struct.unpack('>I2i4', '\\1\\2\\255\\255\\255\\254', 1)}",
    "return {struct.unpack('<I1c0s', '\\3abcxyz\\0')}",
    "return struct.size('>I2i4!8d')",
    "return struct.unpack('>I8', 'abc')",
    "return struct.pack('i33', 1)",
    "return struct.pack('z', 1)",
    "return {bit.band(0xff, 0x0f, 7), bit.bor(1, 2), bit.bxor(5, 1), bit.bnot(0), bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-8, 1), bit.rol(0x12345678, 12), bit.ror(0x12345678, 12), bit.bswap(0x12345678), bit.tobit(2^40 + 5), bit.tohex(-1), bit.tohex(255, 4), bit.tohex(255, -3)}",
    "return bit.band('x')",
    "return {math.floor(2.5), string.format('%5.2f|%d|%s', 1.234, 7, 'x'), table.concat({1, 2}, ','), tostring(1e100)}",
    // The first line.
    "#!lua\nreturn 1",
    "#!lua flags=no-writes\nreturn redis.call('get', KEYS[1])",
    "#!lua flags=no-writes\nreturn redis.call('set', KEYS[1], 1)",
    "#!lua flags=no-writes,allow-oom,allow-stale,no-cluster,allow-cross-slot-keys\nreturn 1",
    "#!lua flags=nothing\nreturn 1",
    "#!lua name=x\nreturn 1",
    "#!python\nreturn 1",
    "#!lua",
    "#!\nreturn 1",
];

#[test]
fn scripts_answer_as_those_of_redis() {
    let (redis, port) = (Redis::start(), Port::open());
    let (mut theirs, mut ours) = (redis.client(), port.client());
    let mut wrong = Vec::new();
    for protocol in ["HELLO 2", "HELLO 3"] {
        theirs.ask(protocol);
        ours.ask(protocol);
        for script in SCRIPTS {
            for command in ["eval", "eval_ro"] {
                let words: [&[u8]; 6] = [
                    command.as_bytes(),
                    script.as_bytes(),
                    b"1",
                    b"k",
                    b"a",
                    b"2",
                ];
                let requests: Vec<Vec<Vec<u8>>> = vec![
                    vec![b"flushall".to_vec()],
                    vec![b"set".to_vec(), b"k".to_vec(), b"v".to_vec()],
                    words.iter().map(|word| word.to_vec()).collect(),
                    vec![b"dbsize".to_vec()],
                ];
                let (expected, answered) = (ask(&mut theirs, &requests), ask(&mut ours, &requests));
                if expected != answered {
                    wrong.push(format!(
                        "{protocol} {command} {script}\n  Redis: {:?}\n  here:  {:?}",
                        &expected[2..],
                        &answered[2..]
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// A conversation; `$1` is the answer before.
const CONVERSATION: &[&[&str]] = &[
    &["EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "0"],
    &["SCRIPT", "LOAD", "return 1"],
    &["EVALSHA", "E0E1F9FABFC9D4800C877A703B823AC0578FF8DB", "0"],
    &["EVALSHA", "short", "0"],
    &[
        "SCRIPT",
        "EXISTS",
        "e0e1f9fabfc9d4800c877a703b823ac0578ff8db",
        "x",
    ],
    &["SCRIPT", "LOAD", "return ("],
    &["SCRIPT", "KILL"],
    &["SCRIPT", "FLUSH", "NOW"],
    &["SCRIPT", "FLUSH"],
    &[
        "SCRIPT",
        "EXISTS",
        "e0e1f9fabfc9d4800c877a703b823ac0578ff8db",
    ],
    &["EVAL", "return 1", "x"],
    &["EVAL", "return 1", "2", "a"],
    &["EVAL", "return 1", "-1"],
    &["EVAL", "return 1"],
    &["MULTI"],
    &["SET", "k", "1"],
    &[
        "EVAL",
        "return redis.call('incr', KEYS[1]) + redis.call('incr', 'undeclared')",
        "1",
        "k",
    ],
    &["EVAL", "return redis.call('lpush', KEYS[1], 1)", "1", "k"],
    &["GET", "k"],
    &["EXEC"],
    &["FUNCTION", "LIST"],
    &["FUNCTION", "DUMP"],
    &["FUNCTION", "LOAD", "return 1"],
    &["FUNCTION", "LOAD", "#!lua name=l1\nreturn 1"],
    &["FUNCTION", "LOAD", "#!lua name=bad-name\nreturn 1"],
    &["FUNCTION", "LOAD", "#!lua nome=l1\nreturn 1"],
    &["FUNCTION", "LOAD", "#!lua\nreturn 1"],
    &["FUNCTION", "LOAD", "#!js name=l1\nreturn 1"],
    &["FUNCTION", "LOAD", "#!lua name=l1\nreturn ("],
    &["FUNCTION", "LOAD", "#!lua name=l1\nredis.call('get', 'k')"],
    &["FUNCTION", "LOAD", "#!lua name=l1\nlocal x = math.floor(1)"],
    &[
        "FUNCTION",
        "LOAD",
        "#!lua name=l1\nredis.register_function('f')",
    ],
    &[
        "FUNCTION",
        "LOAD",
        "#!lua name=l1\nredis.register_function{function_name='f', callback=1}",
    ],
    &[
        "FUNCTION",
        "LOAD",
        "#!lua name=l1\nredis.register_function{function_name='f', callback=function() end, flags={'x'}}",
    ],
    &[
        "FUNCTION",
        "LOAD",
        "#!lua name=l1\nredis.register_function('f', function(keys, args) return {keys, args, redis.call('ping')} end)",
    ],
    &[
        "FUNCTION",
        "LOAD",
        "#!lua name=l1\nredis.register_function('f', function() return 2 end)",
    ],
    &[
        "FUNCTION",
        "LOAD",
        "#!lua name=l2\nredis.register_function('F', function() return 2 end)",
    ],
    &["FCALL", "f", "1", "key", "arg"],
    &["FCALL", "F", "0"],
    &["FCALL", "nothing", "0"],
    &["FCALL", "f", "x"],
    &["FCALL", "f", "2", "a"],
    &["FCALL_RO", "f", "0"],
    &[
        "FUNCTION",
        "LOAD",
        "REPLACE",
        "#!lua name=l1\nredis.register_function{function_name='g', callback=function(keys) return redis.call('get', keys[1]) end, flags={'no-writes', 'allow-oom'}, description='reads'}",
    ],
    &["FCALL", "f", "0"],
    &["FCALL_RO", "g", "1", "k"],
    &["FUNCTION", "LIST", "WITHCODE"],
    &["FUNCTION", "LIST", "LIBRARYNAME", "L*"],
    &["FUNCTION", "LIST", "LIBRARYNAME", "x*"],
    &["FUNCTION", "LIST", "NONSENSE"],
    &["FUNCTION", "STATS"],
    &["FUNCTION", "DUMP"],
    &["FUNCTION", "RESTORE", "$"],
    &["FUNCTION", "RESTORE", "$", "REPLACE"],
    &["FUNCTION", "RESTORE", "$", "SIDEWAYS"],
    &["FUNCTION", "RESTORE", "nonsense"],
    &["FLUSHALL"],
    &["FUNCTION", "RESTORE", "$", "FLUSH"],
    &["FCALL", "g", "1", "nothing"],
    &["FUNCTION", "KILL"],
    &["FUNCTION", "DELETE", "nothing"],
    &["FUNCTION", "DELETE", "l1"],
    &["FUNCTION", "FLUSH", "NOW"],
    &["FUNCTION", "FLUSH", "ASYNC"],
    &["FUNCTION", "STATS"],
    &["CONFIG", "SET", "maxmemory", "1"],
    &["EVAL", "return redis.call('set', 'k', 1)", "0"],
    &["EVAL", "return redis.call('get', 'k')", "0"],
    &["EVAL", "#!lua\nreturn 1", "0"],
    &[
        "EVAL",
        "#!lua flags=allow-oom\nreturn redis.call('set', 'k', 1)",
        "0",
    ],
    &["CONFIG", "SET", "maxmemory", "0"],
    &[
        "ACL", "SETUSER", "limited", "on", "nopass", "+@all", "-set", "~a*",
    ],
    &["AUTH", "limited", "x"],
    &["EVAL", "return redis.call('set', 'a', 1)", "0"],
    &["EVAL", "return redis.call('get', 'b')", "0"],
    &[
        "EVAL",
        "return {redis.acl_check_cmd('set', 'a', '1'), redis.acl_check_cmd('get', 'a')}",
        "0",
    ],
    &["EVAL", "return 1", "1", "b"],
];

#[test]
fn known_scripts_and_functions_are_those_of_redis() {
    for protocol in ["HELLO 2", "HELLO 3"] {
        let (redis, port) = (Redis::start(), Port::open());
        let (mut theirs, mut ours) = (redis.client(), port.client());
        theirs.ask(protocol);
        ours.ask(protocol);
        let mut dumped = Vec::new();
        for words in CONVERSATION {
            let args: Vec<&[u8]> = words
                .iter()
                .map(|word| {
                    if *word == "$" {
                        &dumped[..]
                    } else {
                        word.as_bytes()
                    }
                })
                .collect();
            let (expected, answered) = (theirs.call(&args), ours.call(&args));
            if let (["FUNCTION", "DUMP"], Reply::Bulk(bytes), Reply::Bulk(own)) =
                (words, &expected, &answered)
            {
                // Texts are shorter there; each reads the other's.
                let restored = theirs.call(&[b"FUNCTION", b"RESTORE", own, b"REPLACE"]);
                assert_eq!(restored.text(), "OK");
                dumped = bytes.clone();
                continue;
            }
            assert_eq!(expected, answered, "{protocol}: {words:?}");
        }
    }
}
