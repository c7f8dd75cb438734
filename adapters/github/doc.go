// Package github is the adapter for GitHub: a bot in issues, pull requests, review
// threads and discussions. It is an account with a token, or a GitHub App with any number
// of installations, on github.com or GitHub Enterprise.
//
// # Setup
//
//	adapter, err := github.New(github.FromEnv()) // or a github.Config
//	bot, err := chat.New(chat.Config{UserName: "mybot", Adapters: []chat.Adapter{adapter}, State: st})
//	http.Handle("/webhooks/", bot)
//	err = bot.Run(ctx)
//
// The README says how to create the App or the token, and the webhook. An App needs no
// list of its installations. The adapter asks GitHub for the installation of a repository
// and keeps it in the state.
//
// # Webhooks
//
//	POST /webhooks/github  all events
//
// GitHub signs the body with Config.WebhookSecret; a request without a valid signature
// is answered 401. A webhook that is answered 200 is stored. While the state is
// unavailable or the queue is full, the answer is 503. GitHub does not deliver a failed
// webhook again by itself. For an App, [Adapter.Run] asks for it every
// Config.RedeliveryInterval. For a token somebody has to redeliver it in the webhook's
// settings. A webhook that comes again is recognised by its X-GitHub-Delivery. That
// header is not signed: whoever has a signed body can send it as another event.
//
// # Abilities
//
// The bot receives new issues, pull requests, discussions and reviews, and the comments
// on all of them, as messages. The message of an issue, a pull request or a discussion
// begins with its title as a heading. Edits and deletions come with the text before. When
// the App is installed or removed, that is a [chat.InstallationEvent] with the id of the
// installation as Workspace. Every other event, and a review without text, is a
// [chat.PlatformEvent], whose Name is "github:{event}.{action}", such as
// "github:pull_request.closed", and whose Data is GitHub's payload. GitHub sends no
// webhooks for reactions.
//
// The bot can comment, answer in review threads and below comments of discussions, edit,
// delete, and react. It can look up users, repositories, the history of a thread, links
// to messages, what a thread is about ([ReadPullRequest] has the diff), and a repository's
// issues and pull requests. [Adapter.PostReview] reviews a pull request. A card is
// Markdown, in which buttons and menus are only their labels. A stream is one comment,
// posted at its end. With Config.EditStreams the comment is edited while it grows.
//
// A message mentions the bot if it contains its login outside of code and links: "@mybot",
// and for an App "@myapp" or "@myapp[bot]".
//
// # IDs
//
//	github:{owner}/{repo}:issue:{n}          an issue
//	github:{owner}/{repo}:{n}                a pull request
//	github:{owner}/{repo}:{n}:rc:{comment}   a review thread, by its first comment
//	github:{owner}/{repo}:discussion:{n}     a discussion with all its comments
//
// The ids of threads are those of the TypeScript SDK, which has no discussions. The id of
// a message is its anchor on GitHub's page: "issuecomment-{n}", "discussion_r{n}",
// "pullrequestreview-{n}" or "discussioncomment-{n}". The text of an issue, a pull request
// or a discussion has the id "{owner}/{repo}#{n}". A renamed repository is another
// channel.
//
// Keys in the state; {app} is 0 with a token:
//
//	cache github:install:{owner}/{repo}        the App's installation, 30 days
//	cache github:self:{app}                    the bot's login, a day
//	cache github:user:{id}                     a user, a day
//	cache github:discussion:{owner}/{repo}#{n} the node id of a discussion, 30 days
//	cache github:comment:{n}                   the node id of a discussion's comment, 30 days
//	cache github:parts:{message}               the further comments of a long post, 30 days
//	cache github:redelivery:{app}              that an instance asks for failed webhooks, RedeliveryInterval
//	cache github:redelivered:{app}             the time from which to look for failed webhooks
//
// # Limits
//
// A comment has at most 65,536 characters; a longer text is posted as several comments.
// HTML in Markdown is shown as text; [chat.Raw] can contain HTML. Files cannot be
// uploaded. There are eight reactions: 👍 👎 😄 😕 ❤️ 🎉 🚀 👀. Reviews cannot be deleted.
// The adapter reads at most 3,000 comments of a discussion, 100 answers to a comment of a
// discussion, and 3,000 comments in all review threads of a pull request.
//
// GitHub allows 80 requests a minute and 500 an hour that create content. A request that
// it refuses because of a rate limit is repeated after the time that GitHub names, or after
// a minute if it names none.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
//
// For an App, [Adapter.Run] asks for webhooks of the last three days that got no answer, or
// the status 408, 429 or 5xx. A webhook is attempted at most five times. When the bot runs
// for the first time with a state, it looks back for an hour.
//
// # Errors
//
// A refusal by GitHub is a *[chat.PlatformError]. Its Op is the operation's name in
// GitHub's documentation, or the name of the GraphQL query. If the App is not installed in
// the repository, the error is [chat.ErrNotFound]. If the known installation was removed,
// it is [chat.ErrPermission]. No error contains a token or a key.
package github
