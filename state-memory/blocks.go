package memorystate

import "encoding/binary"

// blocks keeps many short pieces of bytes in pages without pointers, so that the garbage
// collector has nothing to follow. A piece is named by its block's number among those of
// its size. Blocks that are given back are used again; pages stay.
type blocks struct {
	bySize [maxPiece / blockUnit]sizedBlocks
}

const (
	// blockUnit is the size of the smallest block, and the step to the next size.
	blockUnit = 32
	// maxPiece is the longest piece that a block can have.
	maxPiece = 512
	// pageBlocks is how many blocks a page has.
	pageBlocks = 32
)

// sizedBlocks has the blocks of one size.
type sizedBlocks struct {
	pages [][]byte
	used  uint32 // how many blocks were ever used
	free  uint32 // the first free one of these, plus 1; it begins with the number of the next. 0: there is none
}

// sizeOf returns which blocks a piece of the length is kept in.
func sizeOf(length int) int { return max(length-1, 0) / blockUnit }

// at returns the block with the number.
func (b *blocks) at(size int, number uint32) []byte {
	width := (size + 1) * blockUnit
	from := int(number%pageBlocks) * width
	return b.bySize[size].pages[number/pageBlocks][from : from+width : from+width]
}

// take returns the number of a block that nobody has.
func (b *blocks) take(size int) uint32 {
	s := &b.bySize[size]
	if s.free != 0 {
		number := s.free - 1
		s.free = binary.NativeEndian.Uint32(b.at(size, number))
		return number
	}
	if int(s.used) == pageBlocks*len(s.pages) {
		s.pages = append(s.pages, make([]byte, pageBlocks*(size+1)*blockUnit))
	}
	s.used++
	return s.used - 1
}

// giveBack lets the block be taken again.
func (b *blocks) giveBack(size int, number uint32) {
	s := &b.bySize[size]
	binary.NativeEndian.PutUint32(b.at(size, number), s.free)
	s.free = number + 1
}
