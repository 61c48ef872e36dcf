package postgres

import "encoding/binary"

// column is an array on its way to the server, in the binary form of the wire. It is made element by element, for arrays are most of
// what a queue's batch is, and going by reflection costs more than all the rest of it.
type column struct {
	oid  uint32 // of the elements
	size int    // of an element, in bytes
	n    int
	buf  []byte
}

// The types of elements.
const (
	int2OID = 21
	int4OID = 23
	int8OID = 20
)

// arrayHead is the length of what stands before the elements: dimensions, a flag for nulls, the type, the length and the lower bound.
const arrayHead = 20

func (c *column) clear() {
	c.n = 0
	c.buf = append(c.buf[:0], make([]byte, arrayHead)...)
}

func (c *column) add(v int64) {
	c.n++
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(c.size))
	switch c.size {
	case 2:
		c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(v))
	case 4:
		c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(v))
	case 8:
		c.buf = binary.BigEndian.AppendUint64(c.buf, uint64(v))
	}
}

// encoded is the array with all that was added.
func (c *column) encoded() []byte {
	head := c.buf
	binary.BigEndian.PutUint32(head, 1)
	binary.BigEndian.PutUint32(head[4:], 0)
	binary.BigEndian.PutUint32(head[8:], c.oid)
	binary.BigEndian.PutUint32(head[12:], uint32(c.n))
	binary.BigEndian.PutUint32(head[16:], 1)
	return c.buf
}
