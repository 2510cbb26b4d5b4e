#include "cli/command_line/suggestion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace raftkv::cli {

namespace {

// Edits that make one word of the other: a letter put in, left out, replaced, or swapped with its
// neighbour. Three rows of the usual table are enough.
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::string only_one_that_begins_with(std::string_view word,
                                      const std::vector<std::string>& known) {
    std::string found;
    for (const std::string& candidate : known) {
        if (!candidate.starts_with(word)) continue;
        if (!found.empty()) return {};
        found = candidate;
    }
    return found;
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    constexpr std::size_t longest_word = 64;  // nobody mistypes a page
    if (word.empty() || word.size() > longest_word) return {};
    constexpr std::size_t short_word = 4;
    std::size_t best_edits = word.size() <= short_word ? 2 : 3;  // fewer than that
    std::string best;
    for (const std::string& candidate : known) {
        const std::size_t edits = edits_between(word, candidate);
        if (edits >= best_edits) continue;
        best_edits = edits;
        best = candidate;
    }
    return best.empty() ? only_one_that_begins_with(word, known) : best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    const std::string meant = nearest(word, known);
    return meant.empty() ? "" : fmt::format("; did you mean {}?", meant);
}

}  // namespace raftkv::cli
