// Decodes 10,000 rows of the worked example's thoughts with the generated model, and with ones written by hand.
import Foundation

struct ByHand: Codable {
  let id: Int, userID: UUID, thoughtText: String, tags: [String]?, reflection: String?, noveltyScore: Double?, circleID: Int?
  let createdAt: Date?, updatedAt: Date?

  enum CodingKeys: String, CodingKey {
    case id, tags, reflection
    case userID = "user_id", thoughtText = "thought_text", noveltyScore = "novelty_score", circleID = "circle_id"
    case createdAt = "created_at", updatedAt = "updated_at"
  }
}

let row =
  #"{"id":1,"user_id":"11111111-2222-3333-4444-555555555555","thought_text":"hello there","tags":["a","b"],"reflection":null,"#
  + #""novelty_score":0.5,"circle_id":3,"created_at":"2026-10-10T10:34:56.123456+00:00","updated_at":"2026-10-10T10:34:56.123456+00:00"}"#
let rows = Data(("[" + Array(repeating: row, count: 10_000).joined(separator: ",") + "]").utf8)

/// The best of five, in milliseconds.
func time(_ body: () throws -> Int) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<5 {
    let start = Date()
    let count = try body()
    precondition(count == 10_000)
    best = min(best, Date().timeIntervalSince(start) * 1e3)
  }
  return best
}

let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
let decoder = JSONDecoder()
decoder.dateDecodingStrategy = .custom { try Date($0.singleValueContainer().decode(String.self), strategy: style) }
let byHand = try time { try decoder.decode([ByHand].self, from: rows).count }
let generated = try time { try JSONDecoder().decode([DB.Thought].self, from: rows).count }
print(String(format: "10,000 rows: by hand %.0f ms, generated %.0f ms (%.2f)", byHand, generated, generated / byHand))
