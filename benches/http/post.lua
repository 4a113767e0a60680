-- For wrk: posts a body of so many bytes, again and again, and prints one line of what came of it.
-- Argument: bytes. Prints: requests, microseconds, failures, median and 99 % of latency in microseconds.

local post

function init(args)
  local headers = { ["Content-Type"] = "application/octet-stream" }
  post = wrk.format("POST", nil, headers, string.rep("x", tonumber(args[1])))
end

function request()
  return post
end

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration, failures,
    latency:percentile(50), latency:percentile(99)))
end
