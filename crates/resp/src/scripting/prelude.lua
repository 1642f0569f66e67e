-- Run once in each interpreter, before any script: what scripts may reach, and none of it writable.
--
-- `host` has the functions of the server. They answer `true` and their results, or `false` and an
-- error, because only an error that is raised here has the script's line in front of it.
local host, engine = ...

local lua = getfenv(1)
local error, type, tonumber, tostring, select = lua.error, lua.type, lua.tonumber, lua.tostring, lua.select
local setmetatable, getmetatable = lua.setmetatable, lua.getmetatable
local rawget, rawset, next, unpack = lua.rawget, lua.rawset, lua.next, lua.unpack
local pcall, xpcall = lua.pcall, lua.xpcall
local loadstring = lua.loadstring
local collectgarbage, concat, floor = lua.collectgarbage, lua.table.concat, lua.math.floor

local READ_ONLY = "Attempt to modify a readonly table"

-- Nothing below looks up a global.
lua.setfenv(1, setmetatable({}, { __newindex = function() error(READ_ONLY, 2) end, __metatable = false }))

-- What a read-only table shows, and the metatable that it admits to.
local shown, admitted = {}, {}

local function refuse()
  error(READ_ONLY, 2)
end

-- An empty table that shows another one. Nothing can be written to it or through it.
local function read_only(content, metatable)
  local proxy = setmetatable({}, {
    __index = content,
    __newindex = refuse,
    __metatable = metatable or false,
  })
  shown[proxy], admitted[proxy] = content, metatable
  return proxy
end

-- Calls of what `raising` makes are told apart by their first result: after `false`, the second is
-- raised. In front of a text comes the line of the caller, which a function of Lua would not know if
-- it were called last.
local raising = host.raising

-- A function of the server, whose errors are tables. Who answers changes from script to script.
local function of_server(name)
  return raising(function(...)
    return host.server(name, ...)
  end)
end

-- Globals of Lua, each as Redis has it.
local globals = {
  _VERSION = lua._VERSION,
  assert = lua.assert,
  collectgarbage = function(option, ...)
    if option == "stop" or option == "restart" or option == "setpause" or option == "setstepmul" then
      return 0
    end
    return collectgarbage(option, ...)
  end,
  coroutine = read_only(lua.coroutine),
  error = error,
  gcinfo = lua.gcinfo,
  ipairs = lua.ipairs,
  rawequal = lua.rawequal,
  select = select,
  tonumber = tonumber,
  tostring = tostring,
  type = type,
  xpcall = xpcall,
}

function globals.getmetatable(value)
  if shown[value] then
    return admitted[value]
  end
  return getmetatable(value)
end

globals.setmetatable = raising(function(value, metatable)
  if shown[value] then
    return false, READ_ONLY
  end
  if type(value) ~= "table" then
    return false, "bad argument #1 to 'setmetatable' (table expected, got " .. type(value) .. ")"
  end
  if type(metatable) ~= "table" and metatable ~= nil then
    return false, "bad argument #2 to 'setmetatable' (nil or table expected)"
  end
  local before = getmetatable(value)
  if before ~= nil and rawget(type(before) == "table" and before or {}, "__metatable") ~= nil then
    return false, "cannot change a protected metatable"
  end
  return pcall(setmetatable, value, metatable)
end)

function globals.rawget(value, key)
  return rawget(shown[value] or value, key)
end

globals.rawset = raising(function(value, key, to)
  if shown[value] then
    return false, READ_ONLY
  end
  return pcall(rawset, value, key, to)
end)

function globals.next(value, key)
  return next(shown[value] or value, key)
end

globals.pairs = raising(function(value)
  local content = shown[value]
  if content then
    local copy = {}
    for key, held in next, content do
      copy[key] = held
    end
    return true, next, copy, nil
  end
  if type(value) ~= "table" then
    return false, "bad argument #1 to 'pairs' (table expected, got " .. type(value) .. ")"
  end
  return true, next, value, nil
end)

globals.unpack = raising(function(values, from, to)
  if type(values) ~= "table" then
    return false, "bad argument #1 to 'unpack' (table expected, got " .. (values == nil and "no value" or type(values)) .. ")"
  end
  local first = tonumber(from or 1)
  local last = tonumber(to or #values)
  if not first or not last or not (last - first < 7999) then
    return false, "too many results to unpack"
  end
  if not from and not to then
    return true, unpack(values)
  end
  return pcall(unpack, values, first, last)
end)

-- Errors that are tables are shown to scripts as their texts.
local function as_text(ok, value, ...)
  if not ok and type(value) == "table" then
    local text = value.err
    if type(text) == "string" or type(text) == "number" then
      return false, text
    end
  end
  return ok, value, ...
end

function globals.pcall(run, ...)
  return as_text(pcall(run, ...))
end

-- Nothing that is compiled already comes in, and nothing is collected while something compiles.
local function compile(text, name)
  if text:byte(1) == 27 then
    return nil, "bytecode is not loaded here"
  end
  collectgarbage("stop")
  local compiled, problem = loadstring(text, name)
  collectgarbage("restart")
  return compiled, problem
end

function globals.loadstring(text, name)
  if type(text) ~= "string" and type(text) ~= "number" then
    error("bad argument #1 to 'loadstring' (string expected, got " .. type(text) .. ")", 2)
  end
  text = tostring(text)
  return compile(text, name or text)
end

function globals.load(read, name)
  if type(read) ~= "function" then
    error("bad argument #1 to 'load' (function expected, got " .. type(read) .. ")", 2)
  end
  local pieces = {}
  while true do
    local piece = read()
    if piece == nil or piece == "" then
      break
    end
    if type(piece) ~= "string" and type(piece) ~= "number" then
      return nil, "reader function must return a string"
    end
    pieces[#pieces + 1] = piece
  end
  return compile(concat(pieces), name or "=(load)")
end

-- The standard libraries.
local function copy_of(library)
  local copy = {}
  for name, value in next, library do
    copy[name] = value
  end
  return copy
end

local lists = copy_of(lua.table)
for _, name in next, { "insert", "remove", "sort", "setn" } do
  local change = lists[name]
  if change then
    lists[name] = raising(function(list, ...)
      if shown[list] then
        return false, READ_ONLY
      end
      return pcall(change, list, ...)
    end)
  end
end
globals.table = read_only(lists)
globals.string = read_only(copy_of(lua.string))

-- An integer, as C makes it of a number; or what is wrong with it.
local function whole(value, at, name)
  local number = tonumber(value)
  if not number then
    local found = value == nil and "no value" or type(value)
    return nil, "bad argument #" .. at .. " to '" .. name .. "' (number expected, got " .. found .. ")"
  end
  return number >= 0 and floor(number) or -floor(-number)
end

local maths = copy_of(lua.math)
maths.random = raising(function(...)
  local count = select("#", ...)
  local chance = host.random()
  if count == 0 then
    return true, chance
  elseif count > 2 then
    return false, "wrong number of arguments"
  end
  local first, second = ...
  local lower, problem = 1, nil
  local upper
  if count == 2 then
    lower, problem = whole(first, 1, "random")
    if not problem then
      upper, problem = whole(second, 2, "random")
    end
  else
    upper, problem = whole(first, 1, "random")
  end
  if problem then
    return false, problem
  end
  if lower > upper then
    return false, "bad argument #" .. count .. " to 'random' (interval is empty)"
  end
  return true, floor(chance * (upper - lower + 1)) + lower
end)
maths.randomseed = raising(function(...)
  local seed, problem = whole((...), 1, "randomseed")
  if problem then
    return false, problem
  end
  host.seed(seed)
  return true
end)
globals.math = read_only(maths)

for _, name in next, { "cjson", "cmsgpack", "struct", "bit" } do
  local library = {}
  for member, value in next, host[name] do
    library[member] = type(value) == "function" and raising(value) or value
  end
  if name == "cjson" then
    library.new = function()
      return globals.cjson
    end
  end
  globals[name] = read_only(library)
end

-- The server.
local function field_reply(field)
  return function(...)
    local text = ...
    if select("#", ...) ~= 1 or type(text) ~= "string" then
      return { err = "ERR wrong number or type of arguments" }
    end
    return field(text)
  end
end

-- A call has at most so many arguments of its own; what is more goes in a table.
local MANY = 4000

local function call(...)
  if select("#", ...) > MANY then
    return host.server("call", { ... })
  end
  return host.server("call", ...)
end

local server = {
  call = raising(call),
  pcall = function(...)
    local _, value = call(...)
    return value
  end,
  log = of_server("log"),
  setresp = of_server("setresp"),
  sha1hex = of_server("sha1hex"),
  set_repl = of_server("set_repl"),
  acl_check_cmd = of_server("acl_check_cmd"),
  error_reply = field_reply(host.error_reply),
  status_reply = field_reply(function(text)
    return { ok = text }
  end),
}
local constants = {
  LOG_DEBUG = 0,
  LOG_VERBOSE = 1,
  LOG_NOTICE = 2,
  LOG_WARNING = 3,
  REDIS_VERSION = host.version,
  REDIS_VERSION_NUM = host.version_number,
}
for name, value in next, constants do
  server[name] = value
end
server.REPL_NONE, server.REPL_AOF, server.REPL_SLAVE, server.REPL_REPLICA, server.REPL_ALL = 0, 1, 2, 2, 3
if engine == "eval" then
  server.breakpoint = function()
    return false
  end
  server.debug = function() end
  server.replicate_commands = function()
    return true
  end
end
globals.redis = read_only(server)

local function missing(_, name)
  error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
end

-- While a library is loaded, it sees nothing but how to register its functions.
local registry = setmetatable({}, { __index = missing })
if engine == "function" then
  local loading = setmetatable({ register_function = of_server("register_function"), log = server.log }, {
    __index = missing,
  })
  for name, value in next, constants do
    rawset(loading, name, value)
  end
  registry.redis = read_only(loading)
end

local admits = read_only({ __index = missing })
local environment_of = { __newindex = refuse, __metatable = admits, __index = globals }
local environment = setmetatable({}, environment_of)
setmetatable(globals, { __index = missing })
shown[environment], admitted[environment] = globals, admits
globals._G = environment

-- Texts have methods, and nobody changes them.
local texts = getmetatable("")
texts.__metatable = read_only({ __index = globals.string })

-- Where an error came from, as Redis tells it.
local function explain(problem)
  local source, line = host.position()
  if type(problem) ~= "table" then
    problem = { err = "ERR " .. tostring(problem) }
  end
  if source and not shown[problem] then
    problem.source, problem.line = source, line
  end
  return problem
end

if engine == "eval" then
  globals.__redis__err__handler = explain
end

return {
  environment = environment,
  run = function(script, keys, args)
    if engine == "eval" then
      rawset(globals, "KEYS", keys)
      rawset(globals, "ARGV", args)
      return xpcall(script, explain)
    end
    return xpcall(function()
      return script(keys, args)
    end, explain)
  end,
  -- Runs the text of a library, which registers its functions.
  load = function(chunk)
    environment_of.__index = registry
    local ok, problem = pcall(chunk)
    environment_of.__index = globals
    return ok, problem
  end,
}
