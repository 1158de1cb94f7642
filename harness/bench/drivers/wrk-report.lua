-- What comes after `--` on the command line is the method.
init = function(args)
  if args[1] then wrk.method = args[1] end
end

-- Writes what wrk measured as one line of JSON, every latency with its count.
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d},"latency":[',
    summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.status, errors.timeout))
  for index = 1, #latency do
    local value, count = latency(index)
    io.write(index > 1 and ',' or '', string.format('[%d,%d]', value, count))
  end
  io.write(']}\n')
end
