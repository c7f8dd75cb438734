package statetest

import "slices"

// TB is what a case needs of a *testing.T. It is small so that a recorder can
// stand in where the suite itself is tested.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// Case is one check of one rule.
type Case struct {
	// ID names the case and its subtest, such as "Locks/Exclusive". It never
	// changes its meaning.
	ID string
	// Rule is the text of the contract that the case checks, word for word.
	Rule string
	// Needs is what the adapter must have declared for the case to run.
	Needs Needs
	// Run reports to t what the subject does wrong.
	Run func(t TB, s *Subject)
}

// Needs is a set of declared features.
type Needs uint16

// The features that cases need, as the fields of [Features] declare them.
const (
	NeedsInbox Needs = 1 << iota
	NeedsSwaps
	NeedsTurns
	NeedsChecker
	NeedsPersistent
	NeedsShared
	NeedsCorrupt
	NeedsOutage
	NeedsLostReplies
	NeedsFences
	NeedsOpen
	NeedsLent
	NeedsSkewed
)

// Cases returns all cases in the order in which Run runs them.
func Cases() []Case {
	return slices.Concat(
		lifecycleCases,
		subscriptionCases,
		lockCases,
		lockExpiryCases,
		cacheCases,
		cacheExpiryCases,
		claimCases,
		listCases,
		queueCases,
		inboxCases,
		markCases,
		swapCases,
		turnCases,
		checkerCases,
		inProcessCases,
		fenceCases,
		nameCases,
		argumentCases,
		valueCases,
		contextCases,
		concurrencyCases,
		persistentCases,
		sharedCases,
		corruptCases,
		outageCases,
		lostReplyCases,
		lostTurnCases,
		resourceCases,
	)
}
