package history

import "strconv"

// A mark is the last line of each frame. It says which line of the history it
// is itself, and carries the CRC-32C of all text since the mark before it, so
// that a reader knows that nothing was changed, left out, doubled or put
// elsewhere, also when the text was decompressed and compressed again. Marks
// are lines of the file, but no records: a [Reader] keeps them to itself.
type mark struct {
	line int64
	sum  uint32
}

const markHead = `{"type":"mark","line":`

// appendMark appends a mark that is line number line, newline included.
func appendMark(dst []byte, line int64, sum uint32) []byte {
	dst = strconv.AppendInt(append(dst, markHead...), line, 10)
	dst = append(dst, `,"crc32c":"`...)
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, hex[sum>>shift&15])
	}
	return append(dst, "\"}\n"...)
}

// parseMark reads what appendMark wrote, newline or not.
func parseMark(line []byte) (m mark, ok bool) {
	const middle, sumLen = `,"crc32c":"`, 8
	if len(line) < len(markHead) || string(line[:len(markHead)]) != markHead {
		return m, false
	}
	line = line[len(markHead):]
	i := 0
	for i < len(line) && i < 18 && line[i] >= '0' && line[i] <= '9' {
		m.line = m.line*10 + int64(line[i]-'0')
		i++
	}
	line = line[i:]
	if i == 0 || len(line) < len(middle)+sumLen+2 || string(line[:len(middle)]) != middle {
		return m, false
	}
	line = line[len(middle):]
	sum, err := strconv.ParseUint(string(line[:sumLen]), 16, 32)
	m.sum = uint32(sum)
	return m, err == nil && string(line[sumLen:sumLen+2]) == `"}`
}
