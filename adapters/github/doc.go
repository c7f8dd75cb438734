// Package github is the adapter for GitHub: a bot in issues, pull requests, review
// threads and discussions, as an account with a token or as a GitHub App with many
// installations, on github.com or on GitHub Enterprise.
//
// # Setup
//
//	adapter, err := github.New(github.FromEnv()) // or a Config of one's own
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README tells how to create the App or the token, and the webhook. An App needs no
// list of its installations: GitHub is asked for that of a repository, and the state
// keeps it.
//
// # Webhooks
//
//	POST /webhooks/github  all events
//
// GitHub signs the body with Config.WebhookSecret; anything else is 401. A webhook that
// is answered 200 is stored. While the state is away or the queue is full the answer is
// 503. GitHub delivers again only on request. For an App [Adapter.Run] asks for it,
// within Config.RedeliveryInterval; for a token somebody has to, in the webhook's
// settings. A webhook that comes again is known by its X-GitHub-Delivery, which is not
// signed: somebody with a signed body can send it as another event.
//
// # Abilities
//
// In: new issues, pull requests, discussions, reviews and comments on all of them as
// messages, with the title of what they begin as a heading; their edits, with the text
// before, and their deletions; installations ([chat.InstallationEvent], with the id of
// the installation as Workspace). All else is [chat.PlatformEvent] with the name
// "github:{event}.{action}", such as "github:pull_request.closed", and GitHub's payload
// as Data; so are reviews without words. GitHub sends no reactions.
//
// Out: comments, answers in review threads and to comments of discussions, edits,
// deletions, reactions, the history of a thread, the list of a repository's issues and
// pull requests, subjects ([ReadPullRequest] has the diff), users, repositories, links
// to messages. [Adapter.PostReview] reviews a pull request. Cards are Markdown, in
// which buttons and menus are their labels. A stream is one comment, posted when it has
// ended, or with Config.EditStreams a comment that is edited as it grows.
//
// A message is for the bot when it names it, as "@mybot", or "@myapp" and "@myapp[bot]",
// outside of code.
//
// # IDs
//
//	github:{owner}/{repo}:issue:{n}          an issue
//	github:{owner}/{repo}:{n}                a pull request
//	github:{owner}/{repo}:{n}:rc:{comment}   a review thread, by its first comment
//	github:{owner}/{repo}:discussion:{n}     a discussion, with all answers
//
// as the TypeScript SDK has them, which has no discussions. A message has the anchor that
// it has on GitHub's page, such as "issuecomment-{n}", "discussion_r{n}",
// "pullrequestreview-{n}" and "discussioncomment-{n}", and "{owner}/{repo}#{n}" is what an
// issue, a pull request or a discussion begins with. A repository that is renamed is
// another channel.
//
// Keys in the state:
//
//	cache github:install:{owner}/{repo}        the App's installation, 30 days
//	cache github:self:{app}                    the bot's login, a day
//	cache github:user:{id}                     what GitHub says about a user, a day
//	cache github:discussion:{owner}/{repo}#{n} the node id of a discussion, 30 days
//	cache github:comment:{n}                   the node id of a discussion's comment, 30 days
//	cache github:parts:{message}               the further comments of a long post, 30 days
//	cache github:redelivery:{app}              whose turn it is to look for what has failed
//	cache github:redelivered:{app}             since when to look
//
// # Limits
//
// A comment has 65,536 characters; what is longer becomes several comments. What looks
// like HTML in Markdown is text; [chat.Raw] can have HTML. Files cannot be uploaded.
// There are eight reactions: 👍 👎 😄 😕 ❤️ 🎉 🚀 👀. Reviews cannot be deleted. Of
// review threads and discussions at most 3,000 comments are read, of a discussion's
// comment 100 answers.
//
// GitHub takes 80 requests a minute and 500 an hour that make content. A request that
// it refuses is made again when it says, or after a minute if it does not say.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
//
// # Errors
//
// Refusals are *[chat.PlatformError] with the name of the operation in GitHub's
// documentation as Op, or that of the GraphQL query. An App that is not installed in
// the repository gets [chat.ErrNotFound], and one that was removed
// [chat.ErrPermission]. No error holds a token or a key.
package github
