-- wrk script: sends the requests of a prepared list in turn. REQUESTS names a file with one request a line,
-- "METHOD<tab>PATH<tab>name: value|name: value<tab>BODY". Prints what happened as one line of JSON.
local made, position = {}, 0
local started = 0

function setup(thread)
  thread:set("number", started)
  started = started + 1
end

function init()
  for line in io.lines(os.getenv("REQUESTS")) do
    local method, path, head, body = line:match("^(%u+)\t([^\t]+)\t([^\t]*)\t(.*)$")
    local headers = {}
    for name, value in head:gmatch("([%w-]+): ([^|]*)") do headers[name] = value end
    made[#made + 1] = wrk.format(method, path, headers, #body > 0 and body or nil)
  end
  -- Half a list apart, so that two threads do not ask for the same thing at the same time; SKIP is where a warm-up ended.
  position = math.floor(#made / 2) * number + tonumber(os.getenv("SKIP"))
end

function request()
  position = position % #made + 1
  return made[position]
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%.3f,"p50":%.3f,"p99":%.3f,"errors":%d}\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, failed.status + failed.timeout + failed.connect + failed.read + failed.write))
end
