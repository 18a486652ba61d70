// swift-tools-version: 6.0
import PackageDescription

// A plugin: `swift package pdlc` writes the models, in a package that depends on this one. See docs/swift.md.
let package = Package(
  name: "PDLCPlugin",
  products: [.plugin(name: "PDLC", targets: ["PDLC"])],
  targets: [
    .plugin(
      name: "PDLC",
      capability: .command(
        intent: .custom(verb: "pdlc", description: "Writes Swift models of schema.pdl"),
        permissions: [.writeToPackageDirectory(reason: "pdlc build writes the models that schema.pdl asks for")]),
      path: "Plugin")
  ]
)
