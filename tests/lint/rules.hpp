#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/source_file.hpp"

// The rules of the house that no compiler checks. Each looks at one file.

namespace raftkv::lint {

struct Finding {
    std::string path;
    std::size_t line = 0;  // from 1
    std::string message;
};

using Rule = std::vector<Finding> (*)(const SourceFile&);

// Which folder may include which, and which libraries.
std::vector<Finding> check_project_includes(const SourceFile& file);
std::vector<Finding> check_library_includes(const SourceFile& file);

// Functions fit on a screen, files have one job, headers are included once.
std::vector<Finding> check_function_lengths(const SourceFile& file);
std::vector<Finding> check_file_length(const SourceFile& file);
std::vector<Finding> check_pragma_once(const SourceFile& file);

// Calls and words that have no place in a folder.
std::vector<Finding> check_banned_words(const SourceFile& file);
// A loop over a hash table shows its order, which differs between replicas.
std::vector<Finding> check_unordered_loops(const SourceFile& file);

struct NamedRule {
    std::string_view name;
    Rule check;
};
const std::vector<NamedRule>& all_rules();

// A finding that is right in general and wrong in one place.
struct Exception {
    std::string_view rule;
    std::string_view path;
    std::string_view code;  // part of the line
    std::string_view reason;
};
const std::vector<Exception>& exceptions();

}  // namespace raftkv::lint
