package emoji

// The well-known emoji.
const (
	// Gestures.
	ThumbsUp    Emoji = "thumbs_up"    // 👍
	ThumbsDown  Emoji = "thumbs_down"  // 👎
	Clap        Emoji = "clap"         // 👏
	Wave        Emoji = "wave"         // 👋
	Pray        Emoji = "pray"         // 🙏
	Muscle      Emoji = "muscle"       // 💪
	OkHand      Emoji = "ok_hand"      // 👌
	PointUp     Emoji = "point_up"     // 👆
	PointDown   Emoji = "point_down"   // 👇
	PointLeft   Emoji = "point_left"   // 👈
	PointRight  Emoji = "point_right"  // 👉
	RaisedHands Emoji = "raised_hands" // 🙌
	Shrug       Emoji = "shrug"        // 🤷
	Facepalm    Emoji = "facepalm"     // 🤦

	// Faces.
	Heart       Emoji = "heart"        // ❤️
	Smile       Emoji = "smile"        // 😊
	Laugh       Emoji = "laugh"        // 😂
	Thinking    Emoji = "thinking"     // 🤔
	Sad         Emoji = "sad"          // 😢
	Cry         Emoji = "cry"          // 😭
	Angry       Emoji = "angry"        // 😠
	LoveEyes    Emoji = "love_eyes"    // 😍
	Cool        Emoji = "cool"         // 😎
	Wink        Emoji = "wink"         // 😉
	Surprised   Emoji = "surprised"    // 😮
	Worried     Emoji = "worried"      // 😟
	Confused    Emoji = "confused"     // 😕
	Neutral     Emoji = "neutral"      // 😐
	Sleeping    Emoji = "sleeping"     // 😴
	Sick        Emoji = "sick"         // 🤢
	MindBlown   Emoji = "mind_blown"   // 🤯
	Relieved    Emoji = "relieved"     // 😌
	Grimace     Emoji = "grimace"      // 😬
	RollingEyes Emoji = "rolling_eyes" // 🙄
	Hug         Emoji = "hug"          // 🤗
	Zany        Emoji = "zany"         // 🤪

	// Status and symbols.
	Check       Emoji = "check"       // ✅
	X           Emoji = "x"           // ❌
	Question    Emoji = "question"    // ❓
	Exclamation Emoji = "exclamation" // ❗
	Warning     Emoji = "warning"     // ⚠️
	Stop        Emoji = "stop"        // 🛑
	Info        Emoji = "info"        // ℹ️
	Hundred     Emoji = "100"         // 💯
	Fire        Emoji = "fire"        // 🔥
	Star        Emoji = "star"        // ⭐
	Sparkles    Emoji = "sparkles"    // ✨
	Lightning   Emoji = "lightning"   // ⚡
	Boom        Emoji = "boom"        // 💥
	Eyes        Emoji = "eyes"        // 👀

	// Circles.
	GreenCircle  Emoji = "green_circle"  // 🟢
	YellowCircle Emoji = "yellow_circle" // 🟡
	RedCircle    Emoji = "red_circle"    // 🔴
	BlueCircle   Emoji = "blue_circle"   // 🔵
	WhiteCircle  Emoji = "white_circle"  // ⚪
	BlackCircle  Emoji = "black_circle"  // ⚫

	// Things.
	Rocket       Emoji = "rocket"        // 🚀
	Party        Emoji = "party"         // 🎉
	Confetti     Emoji = "confetti"      // 🎊
	Balloon      Emoji = "balloon"       // 🎈
	Gift         Emoji = "gift"          // 🎁
	Trophy       Emoji = "trophy"        // 🏆
	Medal        Emoji = "medal"         // 🥇
	Lightbulb    Emoji = "lightbulb"     // 💡
	Gear         Emoji = "gear"          // ⚙️
	Wrench       Emoji = "wrench"        // 🔧
	Hammer       Emoji = "hammer"        // 🔨
	Bug          Emoji = "bug"           // 🐛
	Link         Emoji = "link"          // 🔗
	Lock         Emoji = "lock"          // 🔒
	Unlock       Emoji = "unlock"        // 🔓
	Key          Emoji = "key"           // 🔑
	Pin          Emoji = "pin"           // 📌
	Memo         Emoji = "memo"          // 📝
	Clipboard    Emoji = "clipboard"     // 📋
	Calendar     Emoji = "calendar"      // 📅
	Clock        Emoji = "clock"         // 🕐
	Hourglass    Emoji = "hourglass"     // ⏳
	Bell         Emoji = "bell"          // 🔔
	Megaphone    Emoji = "megaphone"     // 📢
	SpeechBubble Emoji = "speech_bubble" // 💬
	Email        Emoji = "email"         // 📧
	Inbox        Emoji = "inbox"         // 📥
	Outbox       Emoji = "outbox"        // 📤
	Package      Emoji = "package"       // 📦
	Folder       Emoji = "folder"        // 📁
	File         Emoji = "file"          // 📄
	ChartUp      Emoji = "chart_up"      // 📈
	ChartDown    Emoji = "chart_down"    // 📉
	Coffee       Emoji = "coffee"        // ☕
	Pizza        Emoji = "pizza"         // 🍕
	Beer         Emoji = "beer"          // 🍺

	// Arrows.
	ArrowUp    Emoji = "arrow_up"    // ⬆️
	ArrowDown  Emoji = "arrow_down"  // ⬇️
	ArrowLeft  Emoji = "arrow_left"  // ⬅️
	ArrowRight Emoji = "arrow_right" // ➡️
	Refresh    Emoji = "refresh"     // 🔄

	// Weather.
	Sun     Emoji = "sun"     // ☀️
	Cloud   Emoji = "cloud"   // ☁️
	Rain    Emoji = "rain"    // 🌧️
	Snow    Emoji = "snow"    // ❄️
	Rainbow Emoji = "rainbow" // 🌈
)

// wellKnown has the spellings of the well-known emoji. The first of several is
// the one that is written.
var wellKnown = map[Emoji]Spelling{
	ThumbsUp:     {Slack: []string{"+1", "thumbsup"}, Unicode: []string{"👍"}},
	ThumbsDown:   {Slack: []string{"-1", "thumbsdown"}, Unicode: []string{"👎"}},
	Clap:         {Slack: []string{"clap"}, Unicode: []string{"👏"}},
	Wave:         {Slack: []string{"wave"}, Unicode: []string{"👋"}},
	Pray:         {Slack: []string{"pray"}, Unicode: []string{"🙏"}},
	Muscle:       {Slack: []string{"muscle"}, Unicode: []string{"💪"}},
	OkHand:       {Slack: []string{"ok_hand"}, Unicode: []string{"👌"}},
	PointUp:      {Slack: []string{"point_up"}, Unicode: []string{"👆"}},
	PointDown:    {Slack: []string{"point_down"}, Unicode: []string{"👇"}},
	PointLeft:    {Slack: []string{"point_left"}, Unicode: []string{"👈"}},
	PointRight:   {Slack: []string{"point_right"}, Unicode: []string{"👉"}},
	RaisedHands:  {Slack: []string{"raised_hands"}, Unicode: []string{"🙌"}},
	Shrug:        {Slack: []string{"shrug"}, Unicode: []string{"🤷"}},
	Facepalm:     {Slack: []string{"face_palm", "facepalm"}, Unicode: []string{"🤦"}},
	Heart:        {Slack: []string{"heart"}, Unicode: []string{"❤\uFE0F", "❤"}},
	Smile:        {Slack: []string{"smile", "slightly_smiling_face"}, Unicode: []string{"😊"}},
	Laugh:        {Slack: []string{"laughing", "satisfied", "joy"}, Unicode: []string{"😂", "😆"}},
	Thinking:     {Slack: []string{"thinking_face"}, Unicode: []string{"🤔"}},
	Sad:          {Slack: []string{"cry", "sad", "white_frowning_face"}, Unicode: []string{"😢"}},
	Cry:          {Slack: []string{"sob"}, Unicode: []string{"😭"}},
	Angry:        {Slack: []string{"angry"}, Unicode: []string{"😠"}},
	LoveEyes:     {Slack: []string{"heart_eyes"}, Unicode: []string{"😍"}},
	Cool:         {Slack: []string{"sunglasses"}, Unicode: []string{"😎"}},
	Wink:         {Slack: []string{"wink"}, Unicode: []string{"😉"}},
	Surprised:    {Slack: []string{"open_mouth"}, Unicode: []string{"😮"}},
	Worried:      {Slack: []string{"worried"}, Unicode: []string{"😟"}},
	Confused:     {Slack: []string{"confused"}, Unicode: []string{"😕"}},
	Neutral:      {Slack: []string{"neutral_face"}, Unicode: []string{"😐"}},
	Sleeping:     {Slack: []string{"sleeping"}, Unicode: []string{"😴"}},
	Sick:         {Slack: []string{"nauseated_face"}, Unicode: []string{"🤢"}},
	MindBlown:    {Slack: []string{"exploding_head"}, Unicode: []string{"🤯"}},
	Relieved:     {Slack: []string{"relieved"}, Unicode: []string{"😌"}},
	Grimace:      {Slack: []string{"grimacing"}, Unicode: []string{"😬"}},
	RollingEyes:  {Slack: []string{"face_with_rolling_eyes", "rolling_eyes"}, Unicode: []string{"🙄"}},
	Hug:          {Slack: []string{"hugging_face"}, Unicode: []string{"🤗"}},
	Zany:         {Slack: []string{"zany_face"}, Unicode: []string{"🤪"}},
	Check:        {Slack: []string{"white_check_mark", "heavy_check_mark"}, Unicode: []string{"✅", "✔\uFE0F"}},
	X:            {Slack: []string{"x", "heavy_multiplication_x"}, Unicode: []string{"❌", "✖\uFE0F"}},
	Question:     {Slack: []string{"question"}, Unicode: []string{"❓", "?"}},
	Exclamation:  {Slack: []string{"exclamation"}, Unicode: []string{"❗"}},
	Warning:      {Slack: []string{"warning"}, Unicode: []string{"⚠\uFE0F"}},
	Stop:         {Slack: []string{"octagonal_sign"}, Unicode: []string{"🛑"}},
	Info:         {Slack: []string{"information_source"}, Unicode: []string{"ℹ\uFE0F"}},
	Hundred:      {Slack: []string{"100"}, Unicode: []string{"💯"}},
	Fire:         {Slack: []string{"fire"}, Unicode: []string{"🔥"}},
	Star:         {Slack: []string{"star"}, Unicode: []string{"⭐"}},
	Sparkles:     {Slack: []string{"sparkles"}, Unicode: []string{"✨"}},
	Lightning:    {Slack: []string{"zap"}, Unicode: []string{"⚡"}},
	Boom:         {Slack: []string{"boom"}, Unicode: []string{"💥"}},
	Eyes:         {Slack: []string{"eyes"}, Unicode: []string{"👀"}},
	GreenCircle:  {Slack: []string{"large_green_circle"}, Unicode: []string{"🟢"}},
	YellowCircle: {Slack: []string{"large_yellow_circle"}, Unicode: []string{"🟡"}},
	RedCircle:    {Slack: []string{"red_circle"}, Unicode: []string{"🔴"}},
	BlueCircle:   {Slack: []string{"large_blue_circle"}, Unicode: []string{"🔵"}},
	WhiteCircle:  {Slack: []string{"white_circle"}, Unicode: []string{"⚪"}},
	BlackCircle:  {Slack: []string{"black_circle"}, Unicode: []string{"⚫"}},
	Rocket:       {Slack: []string{"rocket"}, Unicode: []string{"🚀"}},
	Party:        {Slack: []string{"tada", "partying_face"}, Unicode: []string{"🎉", "🥳"}},
	Confetti:     {Slack: []string{"confetti_ball"}, Unicode: []string{"🎊"}},
	Balloon:      {Slack: []string{"balloon"}, Unicode: []string{"🎈"}},
	Gift:         {Slack: []string{"gift"}, Unicode: []string{"🎁"}},
	Trophy:       {Slack: []string{"trophy"}, Unicode: []string{"🏆"}},
	Medal:        {Slack: []string{"first_place_medal"}, Unicode: []string{"🥇"}},
	Lightbulb:    {Slack: []string{"bulb"}, Unicode: []string{"💡"}},
	Gear:         {Slack: []string{"gear"}, Unicode: []string{"⚙\uFE0F"}},
	Wrench:       {Slack: []string{"wrench"}, Unicode: []string{"🔧"}},
	Hammer:       {Slack: []string{"hammer"}, Unicode: []string{"🔨"}},
	Bug:          {Slack: []string{"bug"}, Unicode: []string{"🐛"}},
	Link:         {Slack: []string{"link"}, Unicode: []string{"🔗"}},
	Lock:         {Slack: []string{"lock"}, Unicode: []string{"🔒"}},
	Unlock:       {Slack: []string{"unlock"}, Unicode: []string{"🔓"}},
	Key:          {Slack: []string{"key"}, Unicode: []string{"🔑"}},
	Pin:          {Slack: []string{"pushpin"}, Unicode: []string{"📌"}},
	Memo:         {Slack: []string{"memo"}, Unicode: []string{"📝"}},
	Clipboard:    {Slack: []string{"clipboard"}, Unicode: []string{"📋"}},
	Calendar:     {Slack: []string{"calendar"}, Unicode: []string{"📅"}},
	Clock:        {Slack: []string{"clock1"}, Unicode: []string{"🕐"}},
	Hourglass:    {Slack: []string{"hourglass"}, Unicode: []string{"⏳"}},
	Bell:         {Slack: []string{"bell"}, Unicode: []string{"🔔"}},
	Megaphone:    {Slack: []string{"mega"}, Unicode: []string{"📢"}},
	SpeechBubble: {Slack: []string{"speech_balloon"}, Unicode: []string{"💬"}},
	Email:        {Slack: []string{"email"}, Unicode: []string{"📧"}},
	Inbox:        {Slack: []string{"inbox_tray"}, Unicode: []string{"📥"}},
	Outbox:       {Slack: []string{"outbox_tray"}, Unicode: []string{"📤"}},
	Package:      {Slack: []string{"package"}, Unicode: []string{"📦"}},
	Folder:       {Slack: []string{"file_folder"}, Unicode: []string{"📁"}},
	File:         {Slack: []string{"page_facing_up"}, Unicode: []string{"📄"}},
	ChartUp:      {Slack: []string{"chart_with_upwards_trend"}, Unicode: []string{"📈"}},
	ChartDown:    {Slack: []string{"chart_with_downwards_trend"}, Unicode: []string{"📉"}},
	Coffee:       {Slack: []string{"coffee"}, Unicode: []string{"☕"}},
	Pizza:        {Slack: []string{"pizza"}, Unicode: []string{"🍕"}},
	Beer:         {Slack: []string{"beer"}, Unicode: []string{"🍺"}},
	ArrowUp:      {Slack: []string{"arrow_up"}, Unicode: []string{"⬆\uFE0F"}},
	ArrowDown:    {Slack: []string{"arrow_down"}, Unicode: []string{"⬇\uFE0F"}},
	ArrowLeft:    {Slack: []string{"arrow_left"}, Unicode: []string{"⬅\uFE0F"}},
	ArrowRight:   {Slack: []string{"arrow_right"}, Unicode: []string{"➡\uFE0F"}},
	Refresh:      {Slack: []string{"arrows_counterclockwise"}, Unicode: []string{"🔄"}},
	Sun:          {Slack: []string{"sunny"}, Unicode: []string{"☀\uFE0F"}},
	Cloud:        {Slack: []string{"cloud"}, Unicode: []string{"☁\uFE0F"}},
	Rain:         {Slack: []string{"rain_cloud"}, Unicode: []string{"🌧\uFE0F"}},
	Snow:         {Slack: []string{"snowflake"}, Unicode: []string{"❄\uFE0F"}},
	Rainbow:      {Slack: []string{"rainbow"}, Unicode: []string{"🌈"}},
}
