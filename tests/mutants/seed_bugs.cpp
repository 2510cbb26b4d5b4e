// Copies sources with all mutants in them, to be chosen from when the program runs:
//
//   seed_bugs <root of the sources> <output folder> <file>...
//
// Fails when an original is not there exactly once, or when a file is missing from the list.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "tests/mutants/mutant.hpp"

namespace {

using raftkv::mutants::Edit;

[[noreturn]] void fail(const std::string& why) {
    fmt::print(stderr, "seed_bugs: {}\n", why);
    std::exit(1);
}

// One place in a file, and what each mutant makes of it.
struct Place {
    std::string_view original;
    bool expression = false;
    std::vector<std::pair<std::size_t, std::string_view>> bugs;  // mutant, code
};

std::vector<Place> places_in(std::string_view file) {
    std::vector<Place> places;
    for (std::size_t number = 0; number < raftkv::mutants::all().size(); ++number) {
        for (const Edit& edit : raftkv::mutants::all()[number].edits) {
            if (edit.file != file) continue;
            auto place = std::find_if(places.begin(), places.end(), [&](const Place& known) {
                return known.original == edit.original;
            });
            if (place == places.end()) {
                places.push_back({edit.original, edit.expression, {}});
                place = places.end() - 1;
            }
            place->bugs.emplace_back(number, edit.bug);
        }
    }
    return places;
}

std::string seeded(const Place& place) {
    std::string code;
    for (const auto& [number, bug] : place.bugs) {
        const std::string active = fmt::format("::raftkv::mutants::active == {}", number);
        code += place.expression ? fmt::format("{} ? ({}) : ", active, bug)
                                 : fmt::format("if ({}) {{ {} }} else ", active, bug);
    }
    return place.expression ? fmt::format("({}({}))", code, place.original)
                            : fmt::format("{}{{\n{}\n}}", code, place.original);
}

std::string mutate(std::string text, std::string_view file) {
    for (const Place& place : places_in(file)) {
        const std::size_t at = text.find(place.original);
        const bool once =
            at != std::string::npos && text.find(place.original, at + 1) == std::string::npos;
        if (!once) {
            fail(fmt::format("{} does not have this exactly once; mend the mutant:\n{}", file,
                             place.original));
        }
        text.replace(at, place.original.size(), seeded(place));
    }
    return "#include \"tests/mutants/active.hpp\"\n" + text;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) fail("too few arguments");
    const std::filesystem::path root = argv[1], output = argv[2];
    const std::vector<std::string> files(argv + 3, argv + argc);
    for (std::string_view file : raftkv::mutants::mutated_files()) {
        if (std::find(files.begin(), files.end(), file) == files.end()) {
            fail(fmt::format("{} has mutants and is not in CMakeLists.txt", file));
        }
    }
    for (const std::string& file : files) {
        std::ifstream in(root / file, std::ios::binary);
        if (!in) fail("cannot read " + file);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        std::filesystem::create_directories((output / file).parent_path());
        std::ofstream(output / file, std::ios::binary) << mutate(text, file);
    }
}
