// The append, as the server runs it: nothing else happens there meanwhile, so it is atomic. The server does not take
// back what a script wrote before it failed; so everything is read first, which fails where a key has a wrong type,
// and the first write is one that fails where memory or disk are short. Once it has succeeded the rest does.
//
// The questions have the order of `CommitJudge`. Numbers are compared as text where they may be beyond 2^53.

extension RedisScript {
    /// Keys: log, head, ids, about, a list for each stream (those with events first), a list for each root.
    ///
    /// Arguments: counts of events, streams, streams with events, roots, expected versions and expected graph
    /// positions; the time; whether a repetition must write. Then for each event: id, time or nothing, number of its
    /// stream, number of its root, body; for each expected version: number of the stream, kind, version; for each
    /// expected graph position: number of the root, position.
    static let append = RedisScript(
        """
        local log, head, ids, about = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
        local events, streams, written = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local roots, expectations, graphs = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
        local now, mustWrite = ARGV[7], ARGV[8] == '1'
        local function text(number) return string.format('%.0f', number) end
        local function stream(number) return KEYS[4 + number] end
        local function root(number) return KEYS[4 + streams + number] end
        local function argument(event, part) return ARGV[8 + (event - 1) * 5 + part] end

        local format = redis.call('HGET', about, 'format')
        if format and format ~= '1' then return {'format', format} end
        local newest = redis.call('XREVRANGE', head, '+', '-', 'COUNT', 1)[1]
        local last = 0
        if newest then
            last = tonumber(string.match(newest[1], '^(%d+)%-0$'))
            if not last then return {'damaged', 'the key head has an entry of another form'} end
        end
        local length = redis.call('XLEN', log)
        if length ~= last then
            return {'damaged', 'the log holds ' .. text(length) .. ' events, and the key head says ' .. text(last)}
        end

        local known, versions = {}, {}
        for event = 1, events do
            local position = redis.call('HGET', ids, argument(event, 1))
            if position then
                if not string.match(position, '^%d+$') or tonumber(position) > 9007199254740991 then
                    return {'damaged', 'the key ids has a position that is no number'}
                end
                local entry = redis.call('XRANGE', log, position .. '-0', position .. '-0')[1]
                local fields = entry and entry[2]
                if not fields or #fields ~= 6 or fields[1] ~= 'v' or fields[5] ~= 'b' then
                    return {'damaged', 'the event at position ' .. position .. ' is missing or has another form'}
                end
                if fields[6] ~= argument(event, 5) then return {'reused', text(event), position} end
                known[#known + 1] = {event, position}
                versions[tonumber(argument(event, 3))] = fields[2]
            end
        end
        if #known > 0 then
            local position = tonumber(known[1][2])
            for _, event in ipairs(known) do
                if tonumber(event[2]) ~= position then return {'partly', text(event[1]), event[2]} end
                position = position + 1
            end
            if #known ~= events then return {'partly', text(known[1][1]), known[1][2]} end
            local answer = {'stored', known[1][2], known[#known][2]}
            for number = 1, written do answer[3 + number] = versions[number] end
            -- A write, for whoever waits for the replicas on this connection.
            local outcome = redis.pcall('HINCRBY', about, 'repetitions', 1)
            if mustWrite and type(outcome) == 'table' and outcome.err then return outcome end
            return answer
        end

        for number = 1, streams do versions[number] = redis.call('LLEN', stream(number)) end
        local positions = {}
        for number = 1, roots do positions[number] = redis.call('LINDEX', root(number), -1) or '0' end
        local at = 8 + events * 5
        for number = 1, expectations do
            local actual, kind = versions[tonumber(ARGV[at + 1])], ARGV[at + 2]
            if kind == 'none' and actual ~= 0 or kind == 'some' and actual == 0
                or kind == 'exact' and text(actual) ~= ARGV[at + 3] then
                return {'version', text(number), text(actual)}
            end
            at = at + 3
        end
        for number = 1, graphs do
            local actual = positions[tonumber(ARGV[at + 1])]
            if actual ~= ARGV[at + 2] then return {'graph', text(number), actual} end
            at = at + 2
        end
        if last + events > 9007199254740991 then return {'full', text(last)} end

        for event = 1, events do
            local number = tonumber(argument(event, 3))
            local position, version = text(last + event), versions[number] + 1
            local time = argument(event, 2)
            if time == '' then time = now end
            versions[number] = version
            redis.call('XADD', log, position .. '-0', 'v', text(version), 't', time, 'b', argument(event, 5))
            redis.call('HSET', ids, argument(event, 1), position)
            redis.call('RPUSH', stream(number), position)
            redis.call('RPUSH', root(tonumber(argument(event, 4))), position)
        end
        redis.call('XADD', head, 'MAXLEN', 1, text(last + events) .. '-0', 'p', '')
        if not format then redis.call('HSET', about, 'format', '1') end
        local answer = {'new', text(last + 1), text(last + events)}
        for number = 1, written do answer[3 + number] = text(versions[number]) end
        return answer
        """)
}
