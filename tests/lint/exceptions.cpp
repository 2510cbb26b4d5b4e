#include "tests/lint/rules.hpp"

namespace raftkv::lint {

const std::vector<NamedRule>& all_rules() {
    static const std::vector<NamedRule> table = {
        {"project-includes", check_project_includes}, {"library-includes", check_library_includes},
        {"function-length", check_function_lengths},  {"file-length", check_file_length},
        {"pragma-once", check_pragma_once},           {"words", check_banned_words},
        {"unordered-loop", check_unordered_loops},
    };
    return table;
}

// One row for each place. A row that excuses nothing any more fails the lint, too.
const std::vector<Exception>& exceptions() {
    static const std::vector<Exception> table = {
        {"library-includes", "common/config_keys.hpp", "nlohmann/json.hpp",
         "a template over JSON values, included by config.cpp alone"},
        {"words", "tests/system/node/original_client_test.cpp", "sleep_for",
         "plays the original's client, whose pauses are fixed and are what is tested"},
    };
    return table;
}

}  // namespace raftkv::lint
