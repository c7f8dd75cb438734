package model

// protocol is the protocol, or one with a fault that the model must find.
type protocol struct {
	instances, messages             int
	crashes, lapses, losses, thefts uint8

	noDepth    bool // nobody looks after the release
	noTakeOver bool // a claim whose delivery died stays
	settleOnce bool // entries leave the queue before their handler runs
	keepsLock  bool // after a lost reply the handlers go on under the lock
	releases   bool // a lock is released whoever holds it
	noPeekNews bool // what a delivery has seen is taken for all there is
	noAwait    bool // nobody looks for a beacon
	awaitsElse bool // a beacon is looked for only if messages of other instances wait
	dimsEarly  bool // the beacon goes out between two turns
}

// step is one thing that can happen next.
type step struct {
	name string
	to   world
}

func (p protocol) start() world {
	w := world{crashes: p.crashes, lapses: p.lapses, losses: p.losses, thefts: p.thefts}
	for i := range p.instances {
		w.instances[i].up = true
	}
	return w
}

func (p protocol) steps(w world) []step {
	var all []step
	add := func(name string, change func(w *world)) {
		next := w
		change(&next)
		all = append(all, step{name, next})
	}
	for m := range p.messages {
		p.deliver(&w, m, add)
	}
	for i := range p.instances {
		if w.instances[i].up {
			p.serve(&w, i, add)
			p.fail(&w, i, add)
		}
	}
	if w.locked > 0 && !w.instances[w.locked-1].up {
		add("the lock of a dead instance expires", func(w *world) { w.locked = 0 })
	}
	if w.lit > 0 && !w.instances[w.lit-1].up {
		add("the beacon of a dead instance goes out", func(w *world) { w.lit = 0 })
	}
	// A handler that has no beacon yet is not safe from this.
	if w.thefts > 0 && w.lit > 0 && w.locked == w.lit {
		add("the lock is taken away", func(w *world) {
			w.thefts--
			w.faulty = true
			w.locked = 0
		})
	}
	return all
}

// deliver adds what can happen to the delivery of a message.
func (p protocol) deliver(w *world, m int, add func(string, func(*world))) {
	d := w.deliveries[m]
	i := int(d.at)
	switch d.state {
	case notSent:
		for i := range p.instances {
			if !w.instances[i].up {
				continue
			}
			add("a message is sent", func(w *world) {
				d := delivery{state: claim, at: uint8(i)}
				if in := &w.instances[i]; in.lane == idle {
					in.lane, d.asks = opening, true
				}
				w.deliveries[m] = d
			})
		}
	case claim:
		add("its id is claimed", func(w *world) {
			d := &w.deliveries[m]
			switch {
			case w.claims[m] == free, w.claims[m] == claimed && !w.waiting().has(m) && !p.noTakeOver:
				// Only one delivery of a message lives: an older claim is a dead one's.
				w.claims[m], d.state = claimed, lock
			default:
				d.state = leave
			}
		})
	case lock:
		add("its lock is asked for", func(w *world) {
			d := &w.deliveries[m]
			if d.asks && w.locked == 0 {
				w.locked, d.granted = uint8(i+1), true
				w.instances[i].holds = true
			}
			d.state = store
		})
	case store:
		add("it is stored", func(w *world) {
			w.push(m)
			w.deliveries[m].state = peek
		})
	case peek:
		add("its queue is looked at", func(w *world) {
			d := &w.deliveries[m]
			if d.granted {
				d.peeked = w.waiting()
			}
			d.state = arrive
		})
	case arrive:
		add("it arrives in its lane", func(w *world) {
			d, in := &w.deliveries[m], &w.instances[i]
			d.state = answered
			if !d.granted {
				in.woken = true
			}
			if p.open(in, d); in.lane == run {
				p.mind(w, i)
			}
		})
	case leave:
		add("it is a duplicate", func(w *world) {
			d, in := &w.deliveries[m], &w.instances[i]
			d.state = answered
			p.open(in, d)
		})
	}
}

// open starts the lane that waited for the delivery's lock.
func (p protocol) open(in *instance, d *delivery) {
	switch {
	case !d.asks && in.lane == idle && in.woken:
		in.lane = acquire
	case !d.asks:
	case d.granted && d.peeked != 0:
		in.lane, in.batch = run, d.peeked
		if p.noPeekNews {
			in.woken = false
		}
	case d.granted:
		in.lane = look
	case in.woken:
		in.lane = acquire
	default:
		in.lane = idle
	}
}

// serve adds what the instance's lane can do.
func (p protocol) serve(w *world, i int, add func(string, func(*world))) {
	in := func(w *world) *instance { return &w.instances[i] }
	switch w.instances[i].lane {
	case idle:
		if w.faulty && w.waiting() != 0 {
			add("the sweep finds the queue", func(w *world) { in(w).lane = acquire })
		}
	case acquire:
		add("the lane asks for the lock", func(w *world) {
			in(w).woken = false
			if w.locked != 0 {
				in(w).lane = refused
				return
			}
			w.locked, in(w).holds, in(w).lane = uint8(i+1), true, look
		})
	case refused:
		if w.instances[i].woken || !w.coming(i) {
			add("the lane ends after a refusal", func(w *world) { p.finish(in(w)) })
		}
	case look:
		add("the lane looks", func(w *world) {
			x := in(w)
			x.woken, x.batch = false, w.waiting()
			if x.lane = run; x.batch == 0 || !x.holds {
				x.lane = release
				return
			}
			p.mind(w, i)
		})
	case await:
		if w.lit == 0 || !w.instances[i].holds {
			add("the lane looks when the beacon is out", func(w *world) { in(w).lane = look })
		}
	case run:
		add("the handler begins", func(w *world) {
			x := in(w)
			if x.lane = running; !x.holds {
				x.lane = release
				return
			}
			if p.settleOnce {
				w.remove(x.batch)
			}
		})
	case running:
		add("the handler returns", func(w *world) {
			x := in(w)
			for m := range maxMessages {
				if x.batch.has(m) && w.handled[m] < 3 {
					w.handled[m]++
				}
			}
			x.last = x.holds && !x.woken
			x.lane = mark
		})
		if w.instances[i].holds && w.locked == uint8(i+1) && w.lit == 0 {
			add("the handler lights its beacon", func(w *world) { w.lit = uint8(i + 1) })
		}
	case mark:
		add("the messages are marked", func(w *world) {
			for m := range maxMessages {
				if in(w).batch.has(m) {
					w.claims[m] = done
				}
			}
			in(w).lane = settle
		})
	case settle:
		add("the messages are settled", func(w *world) {
			x := in(w)
			w.remove(x.batch)
			x.lane = release
			if !x.last && x.holds && (w.waiting() != 0 || x.woken) {
				x.lane = look
			}
			if p.dimsEarly {
				w.darken(i)
			}
			if x.deaf && p.keepsLock && w.waiting() != 0 {
				x.holds, x.lane = true, look
			}
		})
	case release:
		add("the lock is released", func(w *world) { p.release(w, i) })
		if w.instances[i].last && w.losses > 0 {
			add("the lock is released, and the reply is lost", func(w *world) {
				p.release(w, i)
				w.losses--
				w.faulty = true
				in(w).last, in(w).deaf, in(w).lane = false, true, mark
			})
		}
	case depth:
		add("the lane looks once more", func(w *world) {
			in(w).woken = in(w).woken || w.waiting() != 0 && !p.noDepth
			p.finish(in(w))
		})
	}
}

func (p protocol) release(w *world, i int) {
	if w.locked == uint8(i+1) || p.releases {
		w.locked = 0
	}
	w.darken(i)
	x := &w.instances[i]
	x.holds, x.lane = false, depth
}

// mind has the lane wait for the beacon of another instance.
func (p protocol) mind(w *world, i int) {
	x := &w.instances[i]
	elsewhere := false
	for m, d := range w.deliveries {
		elsewhere = elsewhere || x.batch.has(m) && int(d.at) != i
	}
	if w.lit > 0 && w.lit != uint8(i+1) && !p.noAwait && (elsewhere || !p.awaitsElse) {
		x.batch, x.lane = 0, await
	}
}

func (p protocol) finish(in *instance) {
	in.batch, in.last, in.deaf = 0, false, false
	if in.lane = idle; in.woken {
		in.lane = acquire
	}
}

// fail adds what can go wrong with the instance.
func (p protocol) fail(w *world, i int, add func(string, func(*world))) {
	if w.crashes > 0 {
		add("an instance dies", func(w *world) {
			w.crashes--
			w.faulty = true
			w.instances[i] = instance{}
			for m, d := range w.deliveries {
				if int(d.at) == i && d.state != notSent && d.state != answered {
					w.deliveries[m] = delivery{} // the platform sends it again
				}
			}
		})
	}
	if w.lit == uint8(i+1) && w.locked != w.lit {
		add("the holder sees that its lock is gone", func(w *world) {
			w.darken(i)
			w.instances[i].holds = false
		})
	}
	// The holder is told before the lock is anyone else's.
	if w.lapses > 0 && w.locked == uint8(i+1) && w.instances[i].holds {
		add("a lock lapses", func(w *world) {
			w.lapses--
			w.faulty = true
			w.locked, w.instances[i].holds = 0, false
			w.darken(i)
		})
	}
}
