-- Sends requests again and again, and prints what wrk has measured as one line of JSON.
--
-- What is sent: the bodies of the file BODIES, one in a line, as POST; or GET of the paths of the file PATHS, one in a line;
-- or POST of the text TEMPLATE, in which each NUMBER is one that was not sent before. HEADERS holds further header fields,
-- each `Name: value`, between line feeds. Each thread begins at another place of a file. With COUNT_STATUSES, each status is
-- counted, and each answer with GraphQL errors.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  threads[#threads + 1] = thread
end

local function count(status, _, body)
  statuses[status] = (statuses[status] or 0) + 1
  if body:find('"errors":[{', 1, true) then with_errors = with_errors + 1 end
end

function init()
  local headers = { ["Content-Type"] = "application/json" }
  for name, value in (os.getenv("HEADERS") or ""):gmatch("([^:\n]+): ([^\n]+)") do headers[name] = value end
  statuses, with_errors = {}, 0
  if os.getenv("COUNT_STATUSES") then response = count end
  template, sent = os.getenv("TEMPLATE"), 0
  if template then
    fields, request = headers, fresh
    return
  end
  requests = {}
  local bodies, paths = os.getenv("BODIES"), os.getenv("PATHS")
  for line in io.lines(bodies or paths) do
    requests[#requests + 1] = bodies and wrk.format("POST", nil, headers, line) or wrk.format("GET", line, headers)
  end
  place = (number * 7919) % #requests
end

function fresh()
  sent = sent + 1
  local body = template:gsub("NUMBER", number .. "-" .. sent)
  return wrk.format("POST", nil, fields, body)
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local statuses, with_errors, counted = {}, 0, {}
  for _, thread in ipairs(threads) do
    for status, number in pairs(thread:get("statuses")) do statuses[status] = (statuses[status] or 0) + number end
    with_errors = with_errors + thread:get("with_errors")
  end
  for status, number in pairs(statuses) do counted[#counted + 1] = string.format('"%d": %d', status, number) end
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.3f, "bytes": %d, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, '
      .. '"bad_statuses": %d, "failed_connections": %d, "timeouts": %d, "with_errors": %d, "statuses": {%s}}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, errors.status, errors.connect + errors.read + errors.write, errors.timeout, with_errors,
    table.concat(counted, ", ")))
end
