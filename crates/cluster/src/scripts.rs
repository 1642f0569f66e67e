//! What is done with the stream inside the Redis: each script is one step that nobody interrupts.

use sha1::{Digest, Sha1};
use std::sync::LazyLock;

/// A script of the Redis.
pub struct Script {
    pub text: &'static str,
    pub digest: String,
}

impl Script {
    fn new(text: &'static str) -> Script {
        Script {
            text,
            digest: digest(text.as_bytes()),
        }
    }
}

/// What an entry's payload is compared by, inside the Redis as well.
pub fn digest(payload: &[u8]) -> String {
    let digest: [u8; 20] = Sha1::digest(payload).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Appends if the epoch is the expected one and the writer's own last entry stands where it was.
pub static APPEND: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local epoch = redis.call('GET', KEYS[2])
if epoch ~= ARGV[1] then return {'epoch', epoch or ''} end
if ARGV[2] ~= '' then
  local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
  if not found[1] then return {'missing'} end
  if redis.sha1hex(found[1][2][2]) ~= ARGV[3] then return {'other'} end
end
local last = ''
for i = 4, #ARGV do
  last = redis.call('XADD', KEYS[1], 'NOMKSTREAM', '0-*', 'p', ARGV[i])
  if not last then return {'gone'} end
end
return {'ok', last}",
    )
});

/// What is there, and what stands at one position.
pub static LOOK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local kind = redis.call('TYPE', KEYS[1])
if type(kind) == 'table' then kind = kind.ok or kind['ok'] end
local epoch = redis.call('GET', KEYS[2]) or ''
local cluster = redis.call('GET', KEYS[3]) or ''
local lock = redis.call('GET', KEYS[4]) or ''
if kind ~= 'stream' then return {kind, epoch, cluster, lock, '', '', '', ''} end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
local about = {}
for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
local at = ''
if ARGV[1] ~= '' then
  local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
  if found[1] then at = redis.sha1hex(found[1][2][2]) end
end
return {kind, epoch, cluster, lock, about['last-generated-id'],
  tostring(about['entries-added']), first[1] and first[1][1] or '', at}",
    )
});

/// Makes the stream of a new cluster where there is nothing: it goes on behind a position.
pub static BEGIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[3]) > 0 then return 'taken' end
redis.call('XGROUP', 'CREATE', KEYS[1], 'made', '0', 'MKSTREAM')
redis.call('XGROUP', 'DESTROY', KEYS[1], 'made')
for i = 4, #ARGV, 2 do redis.call('XADD', KEYS[1], ARGV[i], 'p', ARGV[i + 1]) end
if ARGV[3] ~= '0' then
  redis.call('XSETID', KEYS[1], '0-' .. ARGV[3], 'ENTRIESADDED', ARGV[3], 'MAXDELETEDID', '0-0')
end
redis.call('SET', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
return 'begun'",
    )
});

/// The first step of mending: from now on nobody appends. With the last argument the stream is
/// made anew.
pub static SHUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return 'lost' end
redis.call('SET', KEYS[2], ARGV[2])
if ARGV[4] == 'anew' then
  redis.call('DEL', KEYS[1])
  redis.call('XGROUP', 'CREATE', KEYS[1], 'made', '0', 'MKSTREAM')
  redis.call('XGROUP', 'DESTROY', KEYS[1], 'made')
end
redis.call('SET', KEYS[3], ARGV[3])
return 'shut'",
    )
});

/// Puts entries back at their positions.
pub static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('GET', KEYS[4]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 'lost'
end
for i = 3, #ARGV, 2 do redis.call('XADD', KEYS[1], ARGV[i], 'p', ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[4], 10000)
return 'put'",
    )
});

/// The last step: the stream goes on behind a position, in a new epoch.
pub static OPEN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('GET', KEYS[4]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 'lost'
end
if ARGV[4] ~= '0' then
  redis.call('XSETID', KEYS[1], '0-' .. ARGV[4], 'ENTRIESADDED', ARGV[4], 'MAXDELETEDID', '0-0')
end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('DEL', KEYS[4])
return 'open'",
    )
});
