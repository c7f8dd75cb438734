package conformance

// inProcessMutant says whether others can reach its data.
type inProcessMutant struct {
	*view
	inProcess func(v *view) bool
}

func (m *inProcessMutant) InProcess() bool { return m.inProcess(m.view) }

var inProcessMutants = []mutant{
	{"in process once it is connected", "InProcess/Constant", func(v *view) adapter {
		return &inProcessMutant{v, func(v *view) bool { return v.phase.Load() != 0 }}
	}},
	{"in process until it is closed", "InProcess/Constant", func(v *view) adapter {
		return &inProcessMutant{v, func(v *view) bool { return v.phase.Load() != 2 }}
	}},
}
