package statetest

// CheckFeatures lets the suite's own tests see it fail.
var CheckFeatures = checkFeatures
