// The append, as the server runs it: nothing else happens there meanwhile, so it is atomic. The server does not take
// back what a script wrote before it failed. So everything is read first, which fails where a key has a wrong type; the rights to
// each command are proved before the first write, where that has not been done on the connection; and the first write is one that
// fails where memory or disk are short. Once it has succeeded the rest does, unless somebody takes rights away meanwhile.
//
// Even then nothing is lost: the log is written first and the head last, and readers end at the head. What stands behind the head is
// one commit, whole (each of its events but the last says `m`: more follow), and all that is missing of it follows from its entries.
// The next append completes it before it looks at anything else.
//
// The questions have the order of `CommitJudge`. Numbers are compared as text where they may be beyond 2^53.

extension RedisScript {
    /// Keys: log, head, ids, about, a list for each stream (those with events first), a list for each root, two streams
    /// to try the rights to lists on.
    ///
    /// Arguments: counts of events, streams, streams with events, roots, expected versions and expected graph
    /// positions; the time; whether a repetition must write. Then for each event: id, time or nothing, number of its
    /// stream, number of its root, body; for each expected version: number of the stream, kind, version; for each
    /// expected graph position: number of the root, position. In the end whether rights are to be proved.
    static let append = RedisScript(
        """
        local log, head, ids, about = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
        local events, streams, written = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local roots, expectations, graphs = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
        local now, mustWrite, isToProve = ARGV[7], ARGV[8] == '1', ARGV[#ARGV] == '1'
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
        local function isEvent(fields)
            return fields and (#fields == 6 or #fields == 8 and fields[7] == 'm')
                and fields[1] == 'v' and fields[3] == 't' and fields[5] == 'b'
        end
        -- What went wrong with a command that writes; nil where nothing did.
        local function failure(...)
            local outcome = redis.pcall(...)
            return type(outcome) == 'table' and outcome.err or nil
        end
        local length = redis.call('XLEN', log)
        if length < last then
            return {'damaged', 'the log holds ' .. text(length) .. ' events, and the key head says ' .. text(last)}
        end
        if length > last then
            -- A commit that was stopped behind its first write. Nobody has read it: it is completed.
            local prefix, stopped = string.match(log, '^(.*)log$'), {}
            local function id(body, at)
                local hex = string.gsub(string.sub(body, at, at + 15), '.', function(byte)
                    return string.format('%02x', string.byte(byte))
                end)
                return string.gsub(hex, '^(........)(....)(....)(....)(............)$', '%1-%2-%3-%4-%5')
            end
            for position = last + 1, length do
                local entry = redis.call('XRANGE', log, text(position) .. '-0', text(position) .. '-0')[1]
                local fields = entry and entry[2]
                if not isEvent(fields) or #fields[6] < 57 or string.byte(fields[6]) ~= 1 then
                    return {'behind', text(last), 'position ' .. text(position) .. ' holds no event of Recall'}
                end
                stopped[#stopped + 1] = fields
                if #fields == 6 and position < length then
                    return {'behind', text(last), 'there is more than one commit'}
                end
            end
            if #stopped[#stopped] == 8 then return {'behind', text(last), 'its last events are missing'} end
            for number, fields in ipairs(stopped) do
                local position, body = text(last + number), fields[6]
                local own, whole = prefix .. 's:' .. id(body, 18), prefix .. 'g:' .. id(body, 34)
                local newest = tonumber(redis.call('LINDEX', own, -1) or '0') or 0
                if newest < last + number and text(redis.call('LLEN', own) + 1) ~= fields[2] then
                    return {'behind', text(last), 'position ' .. position .. ' has a version that does not follow'}
                end
                local err = failure('HSET', ids, string.sub(body, 2, 17), position)
                if not err and newest < last + number then err = failure('RPUSH', own, position) end
                newest = tonumber(redis.call('LINDEX', whole, -1) or '0') or 0
                if not err and newest < last + number then err = failure('RPUSH', whole, position) end
                if err then return {'half', err} end
            end
            local err = failure('XADD', head, 'MAXLEN', 1, text(length) .. '-0', 'p', '')
            if not err and not format then err = failure('HSET', about, 'format', '1') end
            if err then return {'half', err} end
            last = length
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
                if not isEvent(fields) then
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

        if isToProve then
            -- Each command in a form that the server refuses because of the form, which it looks at behind the rights.
            -- The two keys are named as all are: one that is made beside others while a slot moves would stop the move.
            local own, whole = KEYS[#KEYS - 1], KEYS[#KEYS]
            local proofs = {
                {'greater than 0', 'XADD', log, '0-0', 'p', ''}, {'greater than 0', 'XADD', head, '0-0', 'p', ''},
                {'number of arg', 'HSET', ids, 'p', '', 'p'}, {'number of arg', 'HSET', about, 'p', '', 'p'},
                {'', 'XADD', own, 'MAXLEN', 1, '1-0', 'p', ''}, {'WRONGTYPE', 'RPUSH', own, ''},
                {'', 'XADD', whole, 'MAXLEN', 1, '1-0', 'p', ''}, {'WRONGTYPE', 'RPUSH', whole, ''},
                -- What reading it back takes, and the script has not done yet.
                {'no error', 'XRANGE', log, '0-0', '0-0'}, {'no error', 'XREAD', 'COUNT', 1, 'STREAMS', head, '0-0'},
                {'WRONGTYPE', 'LRANGE', own, 0, 0}, {'WRONGTYPE', 'LRANGE', whole, 0, 0},
            }
            if mustWrite then proofs[#proofs + 1] = {'not an integer', 'HINCRBY', about, 'repetitions', 'p'} end
            for _, proof in ipairs(proofs) do
                local err = failure(unpack(proof, 2))
                -- Two streams are there for their type alone, and are written once.
                local isStream = proof[1] == ''
                if isStream and err and string.find(err, 'equal or smaller', 1, true) then err = nil end
                if err and (isStream or not string.find(err, proof[1], 1, true)) then
                    return {'rights', proof[2], err}
                end
            end
        end

        for event = 1, events do
            local number = tonumber(argument(event, 3))
            local position, version = text(last + event), versions[number] + 1
            local time = argument(event, 2)
            if time == '' then time = now end
            versions[number] = version
            local entry = {'XADD', log, position .. '-0', 'v', text(version), 't', time, 'b', argument(event, 5)}
            if event < events then entry[10], entry[11] = 'm', '' end
            if event == 1 then
                redis.call(unpack(entry))
            else
                local err = failure(unpack(entry))
                if err then return {'half', err} end
            end
        end
        for event = 1, events do
            local position = text(last + event)
            local err = failure('HSET', ids, argument(event, 1), position)
                or failure('RPUSH', stream(tonumber(argument(event, 3))), position)
                or failure('RPUSH', root(tonumber(argument(event, 4))), position)
            if err then return {'half', err} end
        end
        local err = failure('XADD', head, 'MAXLEN', 1, text(last + events) .. '-0', 'p', '')
        if not err and not format then err = failure('HSET', about, 'format', '1') end
        if err then return {'half', err} end
        local answer = {'new', text(last + 1), text(last + events)}
        for number = 1, written do answer[3 + number] = text(versions[number]) end
        return answer
        """)
}
