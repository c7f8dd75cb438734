package memorystate

// values is one shard of the cache. Its zero value, with the clock set, is empty.
//
// Most of what it has are claims, which are short, many, and kept for long. So a record
// has no pointers, which the garbage collector would follow again and again: records are
// named by numbers, from 1, and their bytes are in blocks.
//
// Methods other than lock, close and expire want the mutex held.
type values struct {
	expiry[uint32]
	records
}

// records are what a shard of the cache has.
type records struct {
	index map[uint64]uint32 // the first record with the hash
	pages []*[pageRecords]record
	used  uint32 // how many records were ever used
	free  uint32 // the first free one of these. 0: there is none
	held  int
	peak  int // the most records since the pages were made

	blocks blocks
	large  map[uint32][]byte // what is too long for a block, by its record
}

// record is a value with its name, which stand in one block, one behind the other.
type record struct {
	hash uint64
	end  moment
	next uint32 // with the same hash, or free
	slot int32  // place in the due heap, from 1; 0 if it is not there

	block         uint32
	nameLen, vLen int
}

const pageRecords = 32

func (v *records) at(id uint32) *record { return &v.pages[(id-1)/pageRecords][(id-1)%pageRecords] }

func (v *values) endOf(id uint32) moment  { return v.at(id).end }
func (v *values) slotOf(id uint32) *int32 { return &v.at(id).slot }

// length returns how many bytes the name and the value have.
func (r *record) length() int { return r.nameLen + r.vLen }

// bytes returns the name and the value, until the next change.
func (v *records) bytes(id uint32) []byte {
	r := v.at(id)
	if r.length() > maxPiece {
		return v.large[id]
	}
	return v.blocks.at(sizeOf(r.length()), r.block)[:r.length()]
}

// value returns the value, until the next change.
func (v *records) value(id uint32) []byte { return v.bytes(id)[v.at(id).nameLen:] }

// get returns the record of the name, which has the hash, or 0 if there is none or it has
// expired.
func (v *values) get(hash uint64, name string, now moment) uint32 {
	for id := v.index[hash]; id != 0; id = v.at(id).next {
		if r := v.at(id); string(v.bytes(id)[:r.nameLen]) != name {
			continue
		} else if r.end <= now {
			v.remove(id)
			return 0
		}
		return id
	}
	return 0
}

// put stores the value in the record that get has found, or in a new one.
func (v *values) put(id uint32, hash uint64, name string, value []byte, end, now moment) {
	if id == 0 {
		id = v.add(hash)
	} else {
		v.drop(id)
	}
	r := v.at(id)
	r.nameLen, r.vLen, r.end = len(name), len(value), end
	v.store(id, name, value)
	v.setDue(id, now)
}

// store keeps the bytes of a record that has none.
func (v *records) store(id uint32, name string, value []byte) {
	r := v.at(id)
	length := r.length()
	if length > maxPiece {
		if v.large == nil {
			v.large = map[uint32][]byte{}
		}
		v.large[id] = append(append(make([]byte, 0, length), name...), value...)
		return
	}
	r.block = v.blocks.take(sizeOf(length))
	into := v.blocks.at(sizeOf(length), r.block)
	copy(into[copy(into, name):], value)
}

// drop gives up the bytes of a record.
func (v *records) drop(id uint32) {
	if r := v.at(id); r.length() > maxPiece {
		delete(v.large, id)
	} else {
		v.blocks.giveBack(sizeOf(r.length()), r.block)
	}
}

// add returns a new record with the hash, without bytes.
func (v *values) add(hash uint64) uint32 {
	if v.index == nil {
		v.index, v.due.of = map[uint64]uint32{}, v
	}
	id := v.free
	if id != 0 {
		v.free = v.at(id).next
	} else {
		if int(v.used) == pageRecords*len(v.pages) {
			v.pages = append(v.pages, new([pageRecords]record))
		}
		v.used++
		id = v.used
	}
	*v.at(id) = record{hash: hash, next: v.index[hash]}
	v.index[hash] = id
	v.held++
	v.peak = max(v.peak, v.held)
	return id
}

// remove takes the record out.
func (v *values) remove(id uint32) {
	r := v.at(id)
	if r.slot != 0 {
		v.due.remove(id)
	}
	v.drop(id)
	v.unlink(id)
	r.next, v.free = v.free, id
	if v.held--; v.peak > smallTable && v.held < v.peak/4 {
		v.shrink()
	}
}

// unlink takes the record out of the index.
func (v *records) unlink(id uint32) {
	r := v.at(id)
	before := v.index[r.hash]
	switch {
	case before != id:
		for v.at(before).next != id {
			before = v.at(before).next
		}
		v.at(before).next = r.next
	case r.next != 0:
		v.index[r.hash] = r.next
	default:
		delete(v.index, r.hash)
	}
}

// shrink moves what is left to fewer pages.
func (v *values) shrink() {
	old := v.records
	v.records = records{index: make(map[uint64]uint32, old.held)}
	v.due.entries = nil
	for _, first := range old.index {
		for id := first; id != 0; id = old.at(id).next {
			r, data := old.at(id), old.bytes(id)
			moved := v.add(r.hash)
			to := v.at(moved)
			to.nameLen, to.vLen, to.end = r.nameLen, r.vLen, r.end
			v.store(moved, string(data[:r.nameLen]), data[r.nameLen:])
			if r.end != never {
				v.due.push(moved)
			}
		}
	}
}

func (v *values) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.records = records{}
	v.end()
}
