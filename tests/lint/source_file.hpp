#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace raftkv::lint {

// A source file as the rules see it.
struct SourceFile {
    std::string path;                // from the root of the project, with forward slashes
    std::vector<std::string> lines;  // as they are
    // The same lines with comments and the insides of literals blanked out: what the compiler
    // acts on, at the same places.
    std::vector<std::string> code;

    bool is_header() const { return path.ends_with(".hpp"); }
    bool is_cpp() const { return is_header() || path.ends_with(".cpp"); }
    bool is_under(std::string_view folder) const;
};

SourceFile make_source_file(std::string path, std::string_view text);

// All C++, CMake and shell files of the project, sorted by path.
std::vector<SourceFile> read_tree(const std::filesystem::path& root);

}  // namespace raftkv::lint
