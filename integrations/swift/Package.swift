// swift-tools-version: 6.0
import PackageDescription

// Plugins for a package that depends on this one: `swift package pdlc` writes the models, PDLCBuild makes them part of a
// build. See docs/swift.md.
let package = Package(
  name: "PDLCPlugin",
  products: [
    .plugin(name: "PDLC", targets: ["PDLC"]),
    .plugin(name: "PDLCBuild", targets: ["PDLCBuild"]),
  ],
  targets: [
    .plugin(
      name: "PDLC",
      capability: .command(
        intent: .custom(verb: "pdlc", description: "Writes Swift models of schema.pdl"),
        permissions: [.writeToPackageDirectory(reason: "pdlc build writes the models that schema.pdl asks for")]),
      path: "Plugin"),
    .plugin(name: "PDLCBuild", capability: .buildTool(), path: "BuildPlugin"),
  ]
)
