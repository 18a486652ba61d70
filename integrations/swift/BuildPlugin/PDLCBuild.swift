// The models of a target's schema.pdl, made when it changes and compiled with the target.
import Foundation
import PackagePlugin

@main
struct PDLCBuild: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let files = FileManager.default
    let schemas = [target.directory, context.package.directory].map { $0.appending("schema.pdl") }
    guard let schema = schemas.first(where: { files.fileExists(atPath: $0.string) }) else {
      Diagnostics.error("there is no schema.pdl in the folder of target \"\(target.name)\" or of its package")
      return []
    }
    // A command starts without an environment, and Xcode without the PATH of a shell.
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let places = (path + ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"]).map { Path($0).appending("pdlc") }
    guard let pdlc = places.first(where: { files.isExecutableFile(atPath: $0.string) }) else {
      Diagnostics.error("pdlc is neither in PATH nor in /usr/local/bin: install it by make install")
      return []
    }
    // Built once now, since only pdlc knows which files the schema includes and which the options ask for.
    let rule = context.pluginWorkDirectory.appending("pdlc.d")
    let arguments = [
      "build", "--quiet", "--only", "swift", "--into", context.pluginWorkDirectory.appending("Models").string,
      "--depfile", rule.string, schema.string,
    ]
    let process = try Process.run(URL(fileURLWithPath: pdlc.string), arguments: arguments)
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      Diagnostics.error("pdlc build failed on \(schema)")
      return []
    }
    let (outputs, inputs) = names(in: try String(contentsOfFile: rule.string, encoding: .utf8))
    return [
      .buildCommand(
        displayName: "pdlc build \(schema.lastComponent)", executable: pdlc, arguments: arguments,
        inputFiles: inputs, outputFiles: outputs.filter { $0.string.contains("/Models/Sources/") })
    ]
  }

  /// The targets and prerequisites of a rule for make.
  private func names(in rule: String) -> (targets: [Path], prerequisites: [Path]) {
    var names: [[String]] = [[""], []]
    var side = 0
    var rest = rule.dropLast(rule.hasSuffix("\n") ? 1 : 0)
    while let c = rest.popFirst() {
      if c == ":", side == 0 {
        side = 1
      } else if c == " " {
        names[side].append("")
      } else {
        names[side][names[side].count - 1].append(c == "\\" || (c == "$" && rest.first == "$") ? rest.removeFirst() : c)
      }
    }
    return (names[0].map { Path($0) }, names[1].map { Path($0) })
  }
}
