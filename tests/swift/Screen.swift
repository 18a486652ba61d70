// Calls the functions of the screen in docs/swift.md, which stands before this, and looks at what they send.
let supabase = SupabaseClient()
nonisolated(unsafe) var wrong = 0
func expect(_ text: String, line: Int = #line) {
  if sent.last != text { wrong += 1; print("line", line, sent.last ?? "nothing", "is not", text) }
}
@main struct Screen {
  static func main() async throws {
    let me = UUID(uuidString: "11111111-2222-3333-4444-555555555555")!
    let at = DB.Timestamp("2026-01-02T03:04:05.123456+00:00")!
    let all = DB.ThoughtFeed.selectColumns
    _ = try await feed(of: me, before: nil)
    expect("public.thoughts select \(all) user_id=\(me.uuidString) order created_at limit 20")
    let thought = DB.Thought(id: 7, userID: me, thoughtText: "a", createdAt: at.value)
    answer = String(decoding: try JSONEncoder().encode(thought), as: UTF8.self)
    let made = try await capture("a", by: me)
    expect(#"public.thoughts insert {"thought_text":"a","user_id":"\#(me.uuidString)"} select \#(DB.Thought.selectColumns) single"#)
    if made != thought { wrong += 1; print(made) }
    try await clearReflection(7)
    expect(#"public.thoughts update {"reflection":null} id=7"#)
    answer = "[]"
    _ = try await page(of: me, before: at.value)
    expect("public.thoughts select \(all) user_id=\(me.uuidString) created_at<\(at) order created_at limit 20")
    try await captureAll(["a"], by: me)
    expect(#"public.thoughts missing=default insert [{"thought_text":"a","user_id":"\#(me.uuidString)"}]"#)
    try await forget(thought)
    expect("public.thoughts delete id=7")
    try await supabase.rpc(DB.Functions.Tally.self, .init(mood: .calm)).eq("mood", value: DB.Mood.inProgress).execute()
    expect(#"public.tally post {"mood":"calm"} mood=in-progress"#)
    exit(wrong == 0 ? 0 : 1)
  }
}
