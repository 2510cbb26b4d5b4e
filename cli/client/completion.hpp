#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace raftkv::cli::client {

// What a half-typed line may go on with.
struct CompletionSource {
    std::vector<std::string> nodes;  // for status
    std::set<std::string> keys;      // that were used in this shell
    bool raw = false;                // with the commands of --raw
};

struct Completion {
    std::size_t typed = 0;                // bytes of the last word that are there already
    std::vector<std::string> candidates;  // whole words that begin with them, in order
    char quote = 0;                       // the word was begun with it, and it is open
};

// `text` is the line up to the cursor.
Completion complete(std::string_view text, const CompletionSource& source);

// What to put at the cursor: as much as all candidates agree on, quoted and escaped as the word was
// begun, so that the line is understood. Where there is only one, the word ends with it.
std::string text_to_insert(const Completion& found);

// The longest beginning that all have.
std::string common_beginning(const std::vector<std::string>& words);

}  // namespace raftkv::cli::client
