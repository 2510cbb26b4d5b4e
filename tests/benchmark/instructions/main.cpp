// raftkv-instructions: how many instructions the paths take that every command takes, against
// those that are stored. Counted by callgrind: the same on a busy machine as on a quiet one.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "common/error.hpp"
#include "common/result.hpp"
#include "tests/benchmark/instructions/paths.hpp"

namespace {

using namespace raftkv;
using namespace raftkv::benchmark;
using Figures = nlohmann::ordered_json;

constexpr std::uint64_t few = 1600, many = 9600;
// A change by more has to be meant: the stored figure changes with it.
constexpr double allowed = 0.10;

struct Arguments {
    std::string path;
    std::uint64_t operations = 0;
    std::string figures;
    bool store = false;
};

// Of a whole process that runs a path so often.
Result<std::uint64_t> count(const Path& path, std::uint64_t operations) {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    const std::string command = fmt::format(
        "valgrind --tool=callgrind --callgrind-out-file=/dev/null '{}' --path {} --operations {} "
        "2>&1",
        self, path.name, operations);
    std::FILE* output = ::popen(command.c_str(), "r");
    if (output == nullptr) return Error{ErrorKind::failed, "cannot start a shell for valgrind"};
    std::string said;
    std::array<char, 4096> piece;
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), output))
        said.append(piece.data(), got);
    const bool ended_well = ::pclose(output) == 0;
    constexpr std::string_view before = "Collected : ";
    const std::size_t found = said.find(before);
    if (!ended_well || found == std::string::npos)
        return Error{ErrorKind::failed,
                     fmt::format("counting \"{}\": {}\n{}", path.name, command, said)};
    return std::stoull(said.substr(found + before.size()));
}

Result<double> instructions_of(const Path& path) {
    const auto less = count(path, few);
    if (!less) return less.error();
    const auto more = count(path, many);
    if (!more) return more.error();
    return static_cast<double>(*more - *less) / static_cast<double>(many - few);
}

Result<Figures> load(const std::string& file) {
    std::ifstream in(file);
    Figures figures = Figures::parse(in, nullptr, false);
    if (!figures.is_object())
        return Error{ErrorKind::usage, fmt::format("{} has no figures: --store makes them", file)};
    return figures;
}

// Says how a path compares. False when its figure is not what is stored.
bool compare(const Path& path, double measured, const Figures& stored) {
    if (!stored.contains(path.name)) {
        fmt::print("{:<8} {:>7.0f}        new  {}\n", path.name, measured, path.what);
        return false;
    }
    const double before = stored[path.name].get<double>();
    const double change = measured / before - 1;
    fmt::print("{:<8} {:>7.0f}  {:>+8.1f} %  {}\n", path.name, measured, change * 100, path.what);
    return std::abs(change) <= allowed;
}

Result<void> measure_all(const Arguments& arguments) {
    Figures stored = Figures::object(), measured = Figures::object();
    if (!arguments.store) {
        auto loaded = load(arguments.figures);
        if (!loaded) return loaded.error();
        stored = std::move(*loaded);
    }
    fmt::print("path     instructions  stored  an operation is\n");
    bool as_stored = true;
    for (const Path& path : paths()) {
        const auto instructions = instructions_of(path);
        if (!instructions) return instructions.error();
        measured[path.name] = std::lround(*instructions);
        as_stored = compare(path, *instructions, stored) && as_stored;
        std::fflush(stdout);
    }
    if (arguments.store) {
        std::ofstream(arguments.figures) << measured.dump(2) << "\n";
        return {};
    }
    if (as_stored) return {};
    return Error{ErrorKind::failed,
                 fmt::format("more than {:.0f} % away from what is stored in {}. If that is meant: "
                             "./dev bench instructions --store",
                             allowed * 100, arguments.figures)};
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app{"Instructions of the paths that every command takes, counted by callgrind."};
    app.add_option("--path", arguments.path, "run this path, and count nothing");
    app.add_option("--operations", arguments.operations, "of --path");
    app.add_option("--figures", arguments.figures, "the stored figures")
        ->default_val(RAFTKV_FIGURES);
    app.add_flag("--store", arguments.store, "store what is measured");
    CLI11_PARSE(app, argc, argv);
    if (!arguments.path.empty()) {
        const Path* path = find_path(arguments.path);
        if (path == nullptr) return 64;
        path->run(arguments.operations);
        return 0;
    }
    const Result<void> result = measure_all(arguments);
    if (result) return 0;
    fmt::print(stderr, "raftkv-instructions: {}\n", result.error().message);
    return static_cast<int>(exit_code(result.error().kind));
}
