// Stands for supabase-swift: the declarations that Client.swift and the screen in docs/swift.md use, with the names, labels,
// generics and results that version 2 has, or version 3 with SDK3. What would be sent is noted, and answered from `answer`.
public import Foundation

nonisolated(unsafe) public var sent: [String] = []
nonisolated(unsafe) public var answer = "[]"

public enum CountOption: String, Sendable { case exact, planned, estimated }
public struct PostgrestResponse<T: Sendable>: Sendable { public let value: T }

#if SDK3
  public protocol PostgrestArrayElement { var postgrestArrayElement: String { get } }
  public protocol PostgrestFilterValue: PostgrestArrayElement {
    var rawValue: String { get }
    var _typedOperand: String? { get }
  }
  extension PostgrestFilterValue {
    public var _typedOperand: String? { rawValue }
    public var postgrestArrayElement: String { rawValue }
  }
#else
  public protocol PostgrestFilterValue { var rawValue: String { get } }
#endif
extension String: PostgrestFilterValue { public var rawValue: String { self } }
extension Int: PostgrestFilterValue { public var rawValue: String { "\(self)" } }
extension UUID: PostgrestFilterValue { public var rawValue: String { uuidString } }

struct Request: Sendable {
  var text: String
  func adding(_ more: String) -> Request { Request(text: text + " " + more) }
  func adding(_ more: String, _ body: some Encodable) throws -> Request {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return adding(more + " " + String(decoding: try encoder.encode(body), as: UTF8.self))
  }
  func send<T: Decodable & Sendable>(_ type: T.Type) throws -> PostgrestResponse<T> {
    sent.append(text)
    return PostgrestResponse(value: try JSONDecoder().decode(type, from: Data(answer.utf8)))
  }
}

#if SDK3
  public protocol PostgrestExecutablePhase {}
  public protocol PostgrestTransformablePhase: PostgrestExecutablePhase {}
  public protocol PostgrestFilterablePhase: PostgrestTransformablePhase {}
  public enum PostgrestQueryPhase {}
  public enum PostgrestFilterPhase: PostgrestFilterablePhase {}
  public enum PostgrestTransformPhase: PostgrestTransformablePhase {}
  public typealias PostgrestQueryBuilder = PostgrestRequestBuilder<PostgrestQueryPhase>
  public typealias PostgrestFilterBuilder = PostgrestRequestBuilder<PostgrestFilterPhase>
  public typealias PostgrestTransformBuilder = PostgrestRequestBuilder<PostgrestTransformPhase>

  public struct PostgrestRequestBuilder<Phase>: Sendable {
    var request: Request
  }
  extension PostgrestRequestBuilder where Phase == PostgrestQueryPhase {
    public func select(_ columns: String = "*", head: Bool = false, count: CountOption? = nil) -> PostgrestFilterBuilder {
      .init(request: request.adding("select \(columns)"))
    }
    public func insert(_ values: some Encodable, count: CountOption? = nil, defaultToNull: Bool = true) throws -> PostgrestTransformBuilder {
      .init(request: try request.adding(defaultToNull ? "insert" : "missing=default insert", values))
    }
    public func upsert(
      _ values: some Encodable, onConflict: String? = nil, ignoreDuplicates: Bool = false, defaultToNull: Bool = true
    ) throws -> PostgrestTransformBuilder {
      .init(request: try request.adding((defaultToNull ? "" : "missing=default ") + "upsert \(onConflict ?? "-")", values))
    }
    public func update(_ values: some Encodable) throws -> PostgrestFilterBuilder { .init(request: try request.adding("update", values)) }
    public func delete() -> PostgrestFilterBuilder { .init(request: request.adding("delete")) }
  }
  extension PostgrestRequestBuilder where Phase: PostgrestFilterablePhase {
    public func eq(_ column: String, value: some PostgrestFilterValue) -> Self { .init(request: request.adding("\(column)=\(value.rawValue)")) }
    public func lt(_ column: String, value: some PostgrestFilterValue) -> Self { .init(request: request.adding("\(column)<\(value.rawValue)")) }
  }
  extension PostgrestRequestBuilder where Phase: PostgrestTransformablePhase {
    public func select(_ columns: String = "*") -> PostgrestTransformBuilder { .init(request: request.adding("select \(columns)")) }
    public func order(_ column: String, ascending: Bool = true) -> PostgrestTransformBuilder { .init(request: request.adding("order \(column)")) }
    public func limit(_ count: Int) -> PostgrestTransformBuilder { .init(request: request.adding("limit \(count)")) }
    public func single() -> PostgrestTransformBuilder { .init(request: request.adding("single")) }
  }
  extension PostgrestRequestBuilder where Phase: PostgrestExecutablePhase {
    @discardableResult public func execute() async throws -> PostgrestResponse<Void> {
      sent.append(request.text)
      return PostgrestResponse(value: ())
    }
    public func execute<T: Decodable & Sendable>() async throws -> PostgrestResponse<T> { try request.send(T.self) }
  }
#else
  public class PostgrestBuilder: @unchecked Sendable {
    var request: Request
    init(request: Request) { self.request = request }
    @discardableResult public func setHeader(name: String, value: String) -> Self {
      request = request.adding(value)
      return self
    }
    @discardableResult public func execute() async throws -> PostgrestResponse<Void> {
      sent.append(request.text)
      return PostgrestResponse(value: ())
    }
    public func execute<T: Decodable & Sendable>() async throws -> PostgrestResponse<T> { try request.send(T.self) }
  }
  public class PostgrestTransformBuilder: PostgrestBuilder, @unchecked Sendable {
    public func select(_ columns: String = "*") -> PostgrestTransformBuilder { .init(request: request.adding("select \(columns)")) }
    public func order(_ column: String, ascending: Bool = true) -> PostgrestTransformBuilder { .init(request: request.adding("order \(column)")) }
    public func limit(_ count: Int) -> PostgrestTransformBuilder { .init(request: request.adding("limit \(count)")) }
    public func single() -> PostgrestTransformBuilder { .init(request: request.adding("single")) }
  }
  public final class PostgrestFilterBuilder: PostgrestTransformBuilder, @unchecked Sendable {
    public func eq(_ column: String, value: any PostgrestFilterValue) -> PostgrestFilterBuilder { .init(request: request.adding("\(column)=\(value.rawValue)")) }
    public func lt(_ column: String, value: any PostgrestFilterValue) -> PostgrestFilterBuilder { .init(request: request.adding("\(column)<\(value.rawValue)")) }
  }
  public final class PostgrestQueryBuilder: PostgrestBuilder, @unchecked Sendable {
    public func select(_ columns: String = "*", head: Bool = false, count: CountOption? = nil) -> PostgrestFilterBuilder {
      .init(request: request.adding("select \(columns)"))
    }
    public func insert(_ values: some Encodable & Sendable, count: CountOption? = nil) throws -> PostgrestFilterBuilder {
      .init(request: try request.adding("insert", values))
    }
    public func upsert(_ values: some Encodable & Sendable, onConflict: String? = nil, ignoreDuplicates: Bool = false) throws
      -> PostgrestFilterBuilder
    {
      .init(request: try request.adding("upsert \(onConflict ?? "-")", values))
    }
    public func update(_ values: some Encodable & Sendable) throws -> PostgrestFilterBuilder { .init(request: try request.adding("update", values)) }
    public func delete() -> PostgrestFilterBuilder { .init(request: request.adding("delete")) }
  }
#endif

public final class PostgrestClient: Sendable {
  let schema: String
  init(schema: String) { self.schema = schema }
  public func from(_ table: String) -> PostgrestQueryBuilder { .init(request: Request(text: "\(schema).\(table)")) }
  public func rpc(_ fn: String, params: some Encodable & Sendable, head: Bool = false, get: Bool = false, count: CountOption? = nil) throws
    -> PostgrestFilterBuilder
  {
    .init(request: try Request(text: "\(schema).\(fn)").adding(get ? "get" : "post", params))
  }
}

public final class SupabaseClient: Sendable {
  public init() {}
  public func schema(_ schema: String) -> PostgrestClient { PostgrestClient(schema: schema) }
  public func from(_ table: String) -> PostgrestQueryBuilder { schema("public").from(table) }
}

#if SDK3
  public struct PostgresRow: Sendable {
    public func decode<T: Decodable>(as _: T.Type = T.self, decoder: JSONDecoder = JSONDecoder()) throws -> T {
      try decoder.decode(T.self, from: Data(answer.utf8))
    }
  }
  public struct TypedPostgresChange<Row: Decodable>: Sendable { public var oldRecord: PostgresRow? }
  public final class RealtimeChannel: Sendable {
    public func postgresChanges<Row: Decodable & Sendable>(of _: Row.Type, schema: String = "public", table: String? = nil)
      -> AsyncStream<TypedPostgresChange<Row>>
    { AsyncStream { $0.finish() } }
  }
#else
  public struct DeleteAction: Sendable {
    public func decodeOldRecord<T: Decodable>(as _: T.Type = T.self, decoder: JSONDecoder) throws -> T {
      try decoder.decode(T.self, from: Data(answer.utf8))
    }
  }
  public final class RealtimeChannelV2: Sendable {
    public func postgresChange(_: DeleteAction.Type, schema: String = "public", table: String? = nil) -> AsyncStream<DeleteAction> {
      AsyncStream { $0.finish() }
    }
  }
#endif
