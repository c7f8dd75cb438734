package adaptertest

import (
	"slices"

	"github.com/chat-adapter/chat-go/core/internal/suite"
)

// TB is what a case needs of a *testing.T. It is small so that a recorder can
// stand in where the suite itself is tested.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// Case is one check of one rule.
type Case struct {
	// ID names the case and its subtest, such as "Posts/Edit". It never changes
	// its meaning.
	ID string
	// Rule is the text of the contract that the case checks, word for word.
	Rule string
	// Needs is what must be declared of the adapter for the case to run.
	Needs Needs
	// Race says that some of what the case looks for shows under the race detector only.
	// Run asks for -race where the tests run without it.
	Race bool
	// Run reports to t what the subject does wrong.
	Run func(t TB, s *Subject)
}

// Needs is a set of declared features.
type Needs uint16

// The features that cases need, as the fields of [Features] declare them.
const (
	// NeedsSignature is Sign.
	NeedsSignature Needs = 1 << iota
	// NeedsSignedBody is Sign without BodyUnsigned.
	NeedsSignedBody
	// NeedsMaxAge is a MaxAge.
	NeedsMaxAge
	// NeedsOwnMessages is the absence of NoOwnMessages.
	NeedsOwnMessages
	// NeedsTwins are Twins.
	NeedsTwins
	// NeedsRecordings are Recordings.
	NeedsRecordings
	// NeedsMention is a Mention.
	NeedsMention
	// NeedsMentionInCode is a MentionInCode.
	NeedsMentionInCode
	// NeedsAlbum is an Album.
	NeedsAlbum
	// NeedsMoves is a thread that Moves.
	NeedsMoves
	// NeedsEdits is the absence of NoEdits.
	NeedsEdits
	// NeedsDeletes is the absence of NoDeletes.
	NeedsDeletes
)

// Cases returns all cases in the order in which Run runs them.
func Cases() []Case {
	return slices.Concat(
		identityCases,
		threadIDCases,
		signatureCases,
		webhookCases,
		recordingCases,
		heardCases,
		bodyCases,
		outageCases,
		postCases,
		contentCases,
		lengthCases,
		limitCases,
		buttonCases,
		secretCases,
		streamCases,
		planCases,
		replyCases,
		ephemeralCases,
		scheduleCases,
		channelCases,
		directoryCases,
		messageCases,
		attachmentCases,
		modalCases,
		abilityCases,
	)
}

// Check runs the case, adds its rule to what it reports, and ends it if it hangs.
func (c Case) Check(t TB, s *Subject) {
	t.Helper()
	suite.Check(t, contract, c.Rule, limits, s.cancel, func(t suite.TB) { c.Run(t, s) })
}
