#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

// Deliberate bugs. The simulator is worth its name only if it finds them: each is tried in a copy
// of the sources that this build makes (seed_bugs.cpp); nothing of it is in the product.

namespace raftkv::mutants {

// In `file`, the code `original` - there once, to the letter - becomes `bug`.
struct Edit {
    std::string_view file;
    std::string_view original;
    std::string_view bug;
    // An expression becomes another one; else statements become others.
    bool expression = false;
};

struct Mutant {
    std::string_view name;
    std::string_view what;  // the mistake, in a line
    std::vector<Edit> edits;
    bool of_members = false;  // of no effect unless members change: other seeds are passed over
    // Of the plans in tests/unit/simulation/regressions, for what random ones meet too seldom.
    std::string_view plan = {};
};

const std::vector<Mutant>& all();

// The files that have edits.
std::vector<std::string_view> mutated_files();

}  // namespace raftkv::mutants
