// swift package pdlc [FOLDER/schema.pdl] [options of pdlc build]
import Foundation
import PackagePlugin

@main
struct PDLC: CommandPlugin {
  func performCommand(context: PluginContext, arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["pdlc", "build", "--only", "swift"] + arguments
    process.currentDirectoryURL = context.package.directoryURL
    try process.run()
    process.waitUntilExit()
    if process.terminationReason != .exit || process.terminationStatus != 0 {
      Diagnostics.error("pdlc build failed")
    }
  }
}
