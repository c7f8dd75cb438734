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
	noAwait    bool // nobody looks for a heartbeat
	awaitsElse bool // a heartbeat is looked for only if messages of other instances wait
	endsEarly  bool // the heartbeat ends between two attempts
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
	if w.beats > 0 && !w.instances[w.beats-1].up {
		add("the heartbeat of a dead instance ends", func(w *world) { w.beats = 0 })
	}
	// A handler that has no heartbeat yet is not safe from this.
	if w.thefts > 0 && w.beats > 0 && w.locked == w.beats {
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
				if in := &w.instances[i]; in.worker == idle {
					in.worker, d.asks = opening, true
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
		add("it arrives at its worker", func(w *world) {
			d, in := &w.deliveries[m], &w.instances[i]
			d.state = answered
			if !d.granted {
				in.woken = true
			}
			p.open(in, d)
		})
	case leave:
		add("it is a duplicate", func(w *world) {
			d, in := &w.deliveries[m], &w.instances[i]
			d.state = answered
			p.open(in, d)
		})
	}
}

// open starts the worker that waited for the delivery's lock.
func (p protocol) open(in *instance, d *delivery) {
	switch {
	case !d.asks && in.worker == idle && in.woken:
		in.worker = acquire
	case !d.asks:
	case d.granted && d.peeked != 0:
		in.worker, in.peeked, in.batch = look, true, d.peeked
		if p.noPeekNews {
			in.woken = false
		}
	case d.granted:
		in.worker = look
	case in.woken:
		in.worker = acquire
	default:
		in.worker = idle
	}
}

// serve adds what the instance's worker can do.
func (p protocol) serve(w *world, i int, add func(string, func(*world))) {
	in := func(w *world) *instance { return &w.instances[i] }
	switch w.instances[i].worker {
	case idle:
		if w.faulty && w.waiting() != 0 {
			add("the sweep finds the queue", func(w *world) { in(w).worker = acquire })
		}
	case acquire:
		add("the worker asks for the lock", func(w *world) {
			in(w).woken = false
			if w.locked != 0 {
				in(w).worker = refused
				return
			}
			w.locked, in(w).holds, in(w).worker = uint8(i+1), true, look
		})
	case refused:
		if w.instances[i].woken || !w.coming(i) {
			add("the worker ends after a refusal", func(w *world) { p.finish(in(w)) })
		}
	case look:
		add("the worker looks", func(w *world) {
			x := in(w)
			if !x.peeked {
				x.woken, x.batch = false, w.waiting()
			}
			x.peeked = false
			if x.worker = run; x.batch == 0 || !x.holds {
				x.worker = release
				return
			}
			p.mind(w, i)
		})
	case await:
		if w.beats == 0 || !w.instances[i].holds {
			add("the worker looks when the heartbeat is gone", func(w *world) { in(w).worker = look })
		}
	case run:
		add("the handler begins", func(w *world) {
			x := in(w)
			if x.worker = running; !x.holds {
				x.worker = release
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
			x.worker, x.part = settle, unmarked
		})
		if w.instances[i].holds && w.locked == uint8(i+1) && w.beats == 0 {
			add("the handler has a heartbeat", func(w *world) { w.beats = uint8(i + 1) })
		}
	case settle:
		p.settle(w, i, add)
	case release:
		add("the lock is released", func(w *world) { p.release(w, i) })
	case depth:
		add("the worker looks once more", func(w *world) {
			in(w).woken = in(w).woken || w.waiting() != 0 && !p.noDepth
			p.finish(in(w))
		})
	}
}

// settle adds the steps by which the outcome of a batch is written. That of the last one
// and the release of the lock travel together.
func (p protocol) settle(w *world, i int, add func(string, func(*world))) {
	in := func(w *world) *instance { return &w.instances[i] }
	switch w.instances[i].part {
	case unmarked:
		add("the messages are marked", func(w *world) {
			for m := range maxMessages {
				if in(w).batch.has(m) {
					w.claims[m] = done
				}
			}
			in(w).part = marked
		})
	case marked:
		add("the messages are settled", func(w *world) {
			x := in(w)
			w.remove(x.batch)
			if p.endsEarly {
				w.endHeartbeat(i)
			}
			if x.last {
				x.part = settled
				return
			}
			x.worker, x.part = release, unmarked
			if x.holds && (w.waiting() != 0 || x.woken) {
				x.worker = look
			}
			if x.deaf && p.keepsLock && w.waiting() != 0 {
				x.holds, x.worker = true, look
			}
		})
	case settled:
		add("the lock is released with the outcome", func(w *world) { p.release(w, i) })
		if w.losses > 0 {
			add("the lock is released with the outcome, and the reply is lost", func(w *world) {
				p.release(w, i)
				w.losses--
				w.faulty = true
				x := in(w)
				x.last, x.deaf, x.worker, x.part = false, true, settle, unmarked
			})
		}
	}
}

func (p protocol) release(w *world, i int) {
	if w.locked == uint8(i+1) || p.releases {
		w.locked = 0
	}
	w.endHeartbeat(i)
	x := &w.instances[i]
	x.holds, x.worker, x.part = false, depth, unmarked
}

// mind has the worker wait for the heartbeat of another instance.
func (p protocol) mind(w *world, i int) {
	x := &w.instances[i]
	elsewhere := false
	for m, d := range w.deliveries {
		elsewhere = elsewhere || x.batch.has(m) && int(d.at) != i
	}
	if w.beats > 0 && w.beats != uint8(i+1) && !p.noAwait && (elsewhere || !p.awaitsElse) {
		x.batch, x.worker = 0, await
	}
}

func (p protocol) finish(in *instance) {
	in.batch, in.last, in.deaf = 0, false, false
	if in.worker = idle; in.woken {
		in.worker = acquire
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
	if w.beats == uint8(i+1) && w.locked != w.beats {
		add("the holder sees that its lock is gone", func(w *world) {
			w.endHeartbeat(i)
			w.instances[i].holds = false
		})
	}
	// The holder is told before the lock is anyone else's.
	if w.lapses > 0 && w.locked == uint8(i+1) && w.instances[i].holds {
		add("a lock lapses", func(w *world) {
			w.lapses--
			w.faulty = true
			w.locked, w.instances[i].holds = 0, false
			w.endHeartbeat(i)
		})
	}
}
