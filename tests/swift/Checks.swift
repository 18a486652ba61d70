// What the models promise, asserted; and `Checks trip`, which reads rows and writes them again.
import DBModels
import EveryModels
import Foundation
import HostileModels

nonisolated(unsafe) var failures = 0

func expect(_ condition: Bool, _ what: String, line: Int = #line) {
  if !condition {
    failures += 1
    print("FAILED line \(line): \(what)")
  }
}

func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

func equal(_ value: some Encodable, _ text: String, line: Int = #line) throws {
  let got = try json(value)
  expect(got == text, "\(got) is not \(text)", line: line)
}

func read<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
  try JSONDecoder().decode(type, from: Data(text.utf8))
}

func refuses<T: Decodable>(_ type: T.Type, _ text: String, line: Int = #line) {
  do {
    expect(false, "took \(try read(type, text))", line: line)
  } catch is DecodingError {
  } catch { expect(false, "\(error)", line: line) }
}

// ── updates, inserts, keys ──

func updates() throws {
  try equal(DB.Thought.Update(), "{}")
  expect(DB.Thought.Update().isEmpty, "nothing was assigned")
  try equal(DB.Thought.Update { $0.reflection = nil }, #"{"reflection":null}"#)
  try equal(DB.Thought.Update { $0.noveltyScore = 1 }, #"{"novelty_score":1}"#)
  try equal(DB.Thought.Update { $0.thoughtText = "a"; $0.thoughtText = nil }, "{}")
  try equal(DB.Thought.Update { $0.noveltyScore = .nan; $0.tags = ["a", nil] }, #"{"novelty_score":"NaN","tags":["a",null]}"#)
  var update = DB.User.Update()
  update.vibeProfile = nil
  expect(!update.isEmpty, "null was assigned")
  try equal(update, #"{"vibe_profile":null}"#)
  try equal(Every.Bare.Update(), "{}")
  try equal(Every.Code.Update { $0.code = "b" }, #"{"code":"b"}"#)

  let before = DB.Circle(id: 1, userID: UUID(), circleName: "a", description: "b")
  var after = before
  expect(after.changes(since: before).isEmpty, "nothing changed")
  after.circleName = "c"
  after.description = nil
  try equal(after.changes(since: before), #"{"circle_name":"c","description":null}"#)
}

func inserts() throws {
  let id = "11111111-2222-3333-4444-555555555555"
  try equal(
    DB.Thought.Insert(userID: UUID(uuidString: id)!, thoughtText: "x"), #"{"thought_text":"x","user_id":"\#(id)"}"#)
  try equal(Every.Kept.Insert(name: "n"), #"{"name":"n"}"#)
  try equal(Every.Kept.Insert(name: "n", mood: .inProgress), #"{"mood":"in-progress","name":"n"}"#)
  try equal(Every.Bare.Insert(), "{}")
  try equal(try read(DB.User.Key.self, #"{"id":"\#(id)"}"#), #"{"id":"\#(id)"}"#)
  let key = Every.Membership.Key(keptID: UUID(uuidString: id)!, code: "c")
  try equal(key, #"{"code":"c","kept_id":"\#(id)"}"#)
  expect(Every.Code(code: "c").id == "c", "the key identifies a row")
}

// ── rows ──

func missingIsNotNull() throws {
  refuses(DB.User.self, #"{"id":"11111111-2222-3333-4444-555555555555","email":"a"}"#)
  refuses(Every.Code.self, #"{"code":"a"}"#)
  expect(try read(Every.Code.self, #"{"code":"a","label":null,"more":1}"#) == Every.Code(code: "a"), "null is nil")
  refuses(Every.Code.self, #"{"code":null,"label":null}"#)
}

func enums() throws {
  let row = #"{"id":"11111111-2222-3333-4444-555555555555","name":"n","mood":"added later","note":null,"doubled":0,"#
    + #""quantity":0,"serial_no":1,"updated_at":"2026-01-02T03:04:05.000006+00:00"}"#
  let kept = try read(Every.Kept.self, row)
  expect(kept.mood == .unrecognized("added later"), "a label that is not known stays")
  expect(try json(kept).contains(#""mood":"added later""#), "and is written again")
  expect(Every.Mood.allCases.map(\.rawValue) == ["calm", "in-progress", "1st", "Busy", "busy"], "labels are to the letter")
  expect(Every.Mood(rawValue: "busy") == .busyToo, "as names a label")
}

func relations() {
  expect(DB.Thought.Relations.user == "users!fk_thoughts_user_id", "the foreign key is named")
  expect(DB.User.Relations.thoughts == "thoughts!fk_thoughts_user_id", "both ways")
  expect(DB.Thought.selectColumns.hasPrefix("id,user_id,thought_text,"), "as declared")
  expect(DB.Thought.Columns.userID == "user_id" && DB.Thought.tableName == "thoughts" && DB.Thought.schemaName == "public", "names")
}

func shapes() throws {
  expect(
    Every.Conversation.selectColumns == "id,from,to_code,reply_to,user,at,from_:codes!notes_from_fkey!inner(code,label),"
      + "to:codes!notes_to_code_fkey(code,label),parent:reply_to(id,at,replyTo:reply_to(id,from,to_code,reply_to,user,at))",
    Every.Conversation.selectColumns)
  expect(Every.Note.Relations.notes == "notes!reply_to" && Every.Note.Relations.replyTo == "reply_to", "within one table by its column")
  let note = #""id":1,"from":"a","to_code":"b","reply_to":null,"user":"u","at":"2026-01-02T03:04:05.000006+00:00""#
  let text = "{\(note),\"from_\":{\"code\":\"a\",\"label\":null},\"to\":null,\"parent\":{\"id\":2,\"at\":\"infinity\",\"replyTo\":{\(note)}}}"
  let conversation = try read(Every.Conversation.self, text)
  expect(conversation.id == 1 && conversation.note.user == "u" && conversation.from.code == "a", "a row and what is around it")
  expect(conversation.to == nil && conversation.parent?.at == .distantFuture && conversation.parent?.replyTo?.id == 1, "rows that may be hidden")
  expect(try read(Every.Conversation.self, json(conversation)) == conversation, "a shape can be kept")
  refuses(Every.Conversation.self, "{\(note),\"from_\":null,\"to\":null,\"parent\":null}")
  refuses(Every.Conversation.self, "{\(note),\"from_\":{\"code\":\"a\",\"label\":null},\"parent\":null}")
  let card = try read(Every.Card.self, #"{"code":"c","label":"l","inbox":[],"in":[{"kept":null}]}"#)
  expect(card.title == "l" && card.inbox.isEmpty && card.in.count == 1 && card.in[0].kept == nil, "lists, and names of one's own")
  expect(DB.ThoughtFeed.selectColumns.contains("user:users!fk_thoughts_user_id!inner(id,email)"), DB.ThoughtFeed.selectColumns)
}

func functions() throws {
  typealias Functions = Every.Functions
  let since = Date(timeIntervalSince1970: 0.5)
  expect(Functions.FindNotes.functionName == "find_notes", "its name")
  try equal(
    Functions.FindNotes.Parameters(words: ["a", nil], since: since), #"{"since":"1970-01-01T00:00:00.500000+00:00","words":["a",null]}"#)
  try equal(Functions.FindNotes.Parameters(words: nil, since: nil, most: 3), #"{"most":3,"since":null,"words":null}"#)
  try equal(Functions.Latest.Parameters(), "{}")
  let found: Functions.FindNotes.Result = []
  expect((found as [Every.Note]).isEmpty, "rows of a table")
  let totals = try read(Functions.Totals.Result.self, #"[{"code":"a","last_at":"infinity","count":null}]"#)
  expect(totals == [.init(code: "a", lastAt: .distantFuture)], "rows of its own")
  expect(try read(Functions.Latest.Result.self, #""1970-01-01T00:00:00.5+00:00""#)?.value == since, "a value")
  expect(try read(Functions.Latest.Result.self, "null") == nil, "which may be null")
  expect(try read(Functions.Split.Result.self, #"{"first":"a","rest":null}"#)?.first == "a", "outputs")
}

// ── codecs ──

func times() throws {
  func time(_ text: String) throws -> Every.Timestamp { try read(Every.Timestamp.self, "\"\(text)\"") }
  try equal(time("2026-10-10T10:34:56.123456+00:00"), #""2026-10-10T10:34:56.123456+00:00""#)
  try equal(time("2026-10-10T16:04:56+05:30"), #""2026-10-10T10:34:56.000000+00:00""#)
  try equal(time("2026-10-10 10:34:56.1-00:00:01"), #""2026-10-10T10:34:57.100000+00:00""#)
  try equal(time("2026-10-10T10:34:56Z"), #""2026-10-10T10:34:56.000000+00:00""#)
  try equal(time("0044-03-15T00:00:00+00:00 BC"), #""0044-03-15T00:00:00.000000+00:00 BC""#)
  try equal(time("infinity"), #""infinity""#)
  expect(try time("2026-10-10T10:34:56+00:00").value == Date(timeIntervalSince1970: 1_791_628_496), "the very moment")
  expect(try time("-infinity").value == .distantPast, "infinity is a date")
  for text in ["", "2026-10-10", "2026-10-10T10:34", "2026-13-10T10:34:56+00:00", "2026-10-10T10:34:56+00:00x", "now", "2026-10-10T10:34:56.+00"] {
    refuses(Every.Timestamp.self, "\"\(text)\"")
  }
  var seconds: Int64 = 20_260_101
  for _ in 0..<20_000 { // any microsecond between 1730 and 2270
    seconds = (seconds &* 6_364_136_223_846_793_005) &+ 1_442_695_040_888_963_407
    let microseconds = (seconds >> 8) % 8_500_000_000_000_000
    let date = Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1e6)
    let text = Every.Timestamp(date).description
    guard let again = Every.Timestamp(text), again.description == text, again.value == date else {
      return expect(false, "\(text) does not stay")
    }
  }
  let leap = Every.CalendarDate(year: 2024, month: 2, day: 29)!
  expect(leap.description == "2024-02-29" && leap.year == 2024 && leap.month == 2 && leap.day == 29, "a leap day")
  expect(Every.CalendarDate(year: 2023, month: 2, day: 29) == nil, "no leap day")
  expect(Every.CalendarDate("0001-12-31 BC")!.dayNumber + 1 == Every.CalendarDate("0001-01-01")!.dayNumber, "no year 0")
  let zone = TimeZone(secondsFromGMT: -5 * 3_600)!
  expect(Every.CalendarDate(leap.start(in: zone), in: zone) == leap, "a day begins where it is")
  expect(leap < Every.CalendarDate.distantFuture, "days have an order")
  refuses(Every.CalendarDate.self, #""2024-02-29T00:00:00""#)
}

func values() throws {
  expect(try read(Every.Float8.self, #""NaN""#).value.isNaN, "NaN")
  try equal(Every.Float8(-.infinity), #""-Infinity""#)
  try equal(read(Every.Numeric.self, "12345678901234567890.123456789"), "12345678901234567890.123456789")
  try equal(read(Every.Numeric.self, #""0.10""#), "0.1")
  refuses(Every.Numeric.self, #""Infinity""#)
  try equal(Every.Bytes(Data([0, 255, 16])), #""\\x00ff10""#)
  expect(try read(Every.Bytes.self, #""\\xDEADbeef""#).value == Data([0xDE, 0xAD, 0xBE, 0xEF]), "hexadecimal")
  refuses(Every.Bytes.self, #""3q2+7w==""#)
  refuses(Every.Bytes.self, #""\\xabc""#)
  try equal(Every.Vector([1, 2.5, -3]), #""[1.0,2.5,-3.0]""#)
  expect(try read(Every.Vector.self, #""[1,2.5,-3]""#).value == [1, 2.5, -3], "a vector")
  try equal(Every.HStore(["a\"b": "c\\d", "e": nil]), #""\"a\\\"b\"=>\"c\\\\d\", \"e\"=>NULL""#)
  let value: Every.JSON = ["a": [1, 2.5, true, nil, "x"], "b": ["c": 0.1]]
  expect(try read(Every.JSON.self, json(value)) == value, "JSON stays")
  try equal(read(Every.JSON.self, "[9007199254740993,0.1,1e-7,1.2345678901234567890123]"), "[9007199254740993,0.1,1e-07,1.2345678901234567890123]")
  expect(value["a"]?[0] == 1 && value["z"] == nil && value["a"]?[9] == nil, "members")
  expect(try Every.JSON(encoding: ["x": 1]).decoded(as: [String: Int].self) == ["x": 1], "one's own types")
}

// ── hostile names ──

func hostile() throws {
  let list = try read([String].self, String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self))
  expect(Hostile.Word.allCases.map(\.rawValue) == list, "every label is to the letter")
  for (word, label) in zip(list, Hostile.Word.allCases) { expect(Hostile.Word(rawValue: word) == label, word) }
  let row = try read(Hostile.Odd.self, "{" + list.map { "\(try! json($0)):\(try! json($0))" }.joined(separator: ",") + "}")
  let object = try read([String: String].self, json(row))
  for word in list { expect(object[word] == word, "column \(word) became \(object[word] ?? "nothing")") }
  try equal(Hostile.Odd.Update { $0.`class` = "x" }, #"{"class":"x"}"#)
}

// ── rows of a server ──

func trip<T: Codable>(_ type: T.Type, realtime: Bool) throws {
  while let line = readLine() {
    var data = Data(line.utf8)
    if realtime { // as the client has them: decoded to values, encoded again
      data = try JSONSerialization.data(withJSONObject: JSONSerialization.jsonObject(with: data))
    }
    print(String(decoding: try JSONEncoder().encode(JSONDecoder().decode(type, from: data)), as: UTF8.self))
  }
}

switch CommandLine.arguments.dropFirst().first {
case "everything": try trip(Every.Everything.self, realtime: false)
case "realtime": try trip(Every.Everything.self, realtime: true)
case "overview": try trip(Every.Overview.self, realtime: false)
case "hostile": try hostile()
default:
  try updates()
  try inserts()
  try missingIsNotNull()
  try enums()
  relations()
  try shapes()
  try functions()
  try times()
  try values()
}
exit(failures == 0 ? 0 : 1)
