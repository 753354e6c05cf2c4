// `recall-benchmarks plot`: pictures of a result that was stored, drawn by gnuplot.

import ArgumentParser
import Foundation

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot", abstract: "Draw the pictures of a stored result with gnuplot, as SVG.")

    @Argument(help: "A file that --json has written.")
    var file: String

    @Option(help: "The directory that gets the pictures.")
    var output = "."

    func run() throws {
        let report = try StoredReport.read(file)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: output, isDirectory: &isDirectory), isDirectory.boolValue
        else {
            throw ValidationError("Give --output a directory that is there.")
        }
        for picture in Picture.all(of: report) {
            let path = "\(output)/\(picture.name).svg"
            try draw(picture.script(path: path))
            print(path)
        }
    }

    private func draw(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gnuplot", "-"]
        let input = Pipe()
        process.standardInput = input
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(script.utf8))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ValidationError(
                "gnuplot drew nothing: install it (apt-get install gnuplot-nox), then run this again.")
        }
    }
}
