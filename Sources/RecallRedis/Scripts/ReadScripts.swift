// Reading, as the server runs it: one look at a page and at what it lies in, so that a commit is seen whole or not at all.
// Each call looks at a bounded number of events and gives back a bounded number of bytes (and one event at least).

extension RedisScript {
    /// Keys: the log, the head; for one aggregate or graph, the list of its positions. The head says where the store ends: what
    /// stands behind it is not stored, and what is missing before it is damage.
    ///
    /// Arguments: the lowest and highest position, the lowest and highest place in the list, `f` or `b` for the
    /// direction, how many events at most, after how many bytes to end; the position and the id of the event that the reader has passed
    /// (each empty where there is none), and how far is looked where nothing ends the page before.
    ///
    /// Answer: `ok`, the position to go on from (empty at the end), the store's last position, how far was looked and the id of the event
    /// there (for a reader that has passed one, forwards; else empty), then for each event its id in the log, version, time and body. Or
    /// `another`, the id of the event where the reader is (empty where the store ends before), and the last position. Or `damaged`
    /// and a position. Proof and page are one script, so that they are of one server and one moment.
    static let read = RedisScript(
        """
        local log, list = KEYS[1], KEYS[3]
        local lower, upper, low, high = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local backwards, countMax, bytesMax = ARGV[5] == 'b', tonumber(ARGV[6]), tonumber(ARGV[7])
        local function text(number) return string.format('%.0f', number) end
        local function at(index)
            if not list then return index end
            return tonumber(redis.call('LINDEX', list, index - 1)) or 0
        end
        local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
        local last = newest and tonumber(string.match(newest[1], '^(%d+)%-0$')) or 0
        if newest and last == 0 then return {'damaged', '0'} end
        local function isEvent(fields)
            return fields and (#fields == 6 or #fields == 8 and fields[7] == 'm')
                and fields[1] == 'v' and fields[3] == 't' and fields[5] == 'b'
        end
        -- The id of the event at a position; nil where there is none, which is damage up to the last one.
        local function eventID(position)
            local entry = redis.call('XRANGE', log, text(position) .. '-0', text(position) .. '-0')[1]
            local body = entry and isEvent(entry[2]) and entry[2][6]
            return body and #body > 16 and string.sub(body, 2, 17) or nil
        end
        local passed = tonumber(ARGV[8])
        if passed and passed > last then return {'another', '', text(last)} end
        if passed and passed > 0 then
            local id = eventID(passed)
            if not id then return {'damaged', text(passed)} end
            if ARGV[9] ~= '' and ARGV[9] ~= id then return {'another', id, text(last)} end
        end
        -- The first index whose position is not below the one that is looked for.
        local function first(position, from, to)
            while from <= to do
                local middle = math.floor((from + to) / 2)
                if at(middle) < position then from = middle + 1 else to = middle - 1 end
            end
            return from
        end
        if list then
            high = math.min(high, redis.call('LLEN', list))
            local from = lower > 1 and first(lower, low, high) or low
            upper = math.min(upper, last)
            if high >= low and at(high) > upper then high = first(upper + 1, low, high) - 1 end
            low = from
        else
            low, high = lower, math.min(upper, last)
        end

        local answer, count, bytes = {'ok', '', text(last), '', ''}, 0, 0
        -- The answer, with how far was looked. Filters are not applied here, so the event there may be one that is not in the page.
        local function finished()
            if not passed or backwards then return answer end
            local looked = answer[2] ~= '' and tonumber(answer[2]) - 1 or math.min(tonumber(ARGV[10]), last)
            local id = looked > 0 and eventID(looked) or ''
            if looked > 0 and id == '' then return {'damaged', text(looked)} end
            answer[4], answer[5] = text(looked), id
            return answer
        end
        local index, ahead = backwards and high or low, 1
        while count < countMax and low <= index and index <= high do
            -- A few at a time and one of large events, so that these do not fill the memory.
            local size = math.min(ahead, countMax - count, backwards and index - low + 1 or high - index + 1)
            local entries, before = {}, bytes
            if list then
                local from = backwards and index - size or index - 1
                local positions = redis.call('LRANGE', list, from, from + size - 1)
                for number = 1, size do
                    local position = positions[backwards and size - number + 1 or number]
                    if not position or not string.match(position, '^%d+$') or tonumber(position) > 9007199254740991 then
                        return {'damaged', '0'}
                    end
                    entries[number] = redis.call('XRANGE', log, position .. '-0', position .. '-0')[1]
                    if not entries[number] then return {'damaged', position} end
                end
            elseif backwards then
                entries = redis.call('XREVRANGE', log, text(index) .. '-0', text(index - size + 1) .. '-0')
            else
                entries = redis.call('XRANGE', log, text(index) .. '-0', text(index + size - 1) .. '-0')
            end
            for number = 1, size do
                local entry = entries[number]
                local fields = entry and entry[2]
                if not isEvent(fields) or entry[1] ~= text(at(index)) .. '-0' then
                    return {'damaged', text(at(index))}
                end
                local length = #answer
                answer[length + 1], answer[length + 2] = entry[1], fields[2]
                answer[length + 3], answer[length + 4] = fields[4], fields[6]
                bytes = bytes + #fields[6]
                count = count + 1
                index = backwards and index - 1 or index + 1
                -- Here and not behind the few: a page ends with the first event that passes its bytes.
                if (count >= countMax or bytes >= bytesMax) and low <= index and index <= high then
                    answer[2] = text(at(index))
                    return finished()
                end
            end
            ahead = bytes - before > 65536 and 1 or math.min(8, ahead * 2)
        end
        return finished()
        """)

    /// Keys: the list of an aggregate's stream, and that of its graph; the head, behind which nothing counts. Answer: the version,
    /// the last position in each.
    static let status = RedisScript(
        """
        local newest = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)[1]
        local last = newest and tonumber(string.match(newest[1], '^(%d+)%-0$')) or 0
        local function stored(list)
            local length = redis.call('LLEN', list)
            while length > 0 do
                local position = redis.call('LINDEX', list, length - 1)
                if (tonumber(position) or 0) <= last then return length, position end
                length = length - 1
            end
            return 0, '0'
        end
        local version, own = stored(KEYS[1])
        local _, whole = stored(KEYS[2])
        return {version, own, whole}
        """)
}
