#include <algorithm>
#include <string>
#include <vector>

#include "cli/test/history/operation_json.hpp"
#include "common/faults/fault_spec.hpp"
#include "tests/fuzz/targets.hpp"

// Lines that people and other programs write. The first byte of the input says which: 'f' words of
// a fault, as they come over a node's control socket; 'o' an operation of a history.

namespace raftkv::fuzz {

namespace {

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    while (!line.empty()) {
        const std::string_view word = line.substr(0, line.find(' '));
        if (!word.empty()) {
            words.emplace_back(word);
        }
        line.remove_prefix(std::min(line.size(), word.size() + 1));
    }
    return words;
}

void try_fault(std::string_view line) {
    const auto fault = parse_fault(words_of(line));
    if (!fault) {
        always(fault.error().kind == ErrorKind::usage && !fault.error().message.empty(),
               "a refusal has a text");
        return;
    }
    const auto again = parse_fault(words_of(to_text(*fault)));
    always(again.ok() && *again == *fault, "a fault that is written and read again is the same");
}

void try_operation(std::string_view line) {
    const auto operation = test::operation_from_json(line);
    if (!operation) {
        always(operation.error().kind == ErrorKind::corrupt && !operation.error().message.empty(),
               "a refusal has a text");
        return;
    }
    const std::string text = test::to_json(*operation, {});
    const auto again = test::operation_from_json(text);
    always(again.ok() && test::to_json(*again, {}) == text,
           "an operation that is written and read again is the same");
}

}  // namespace

void try_texts(std::string_view input) {
    if (input.empty()) {
        return;
    }
    const std::string line(input.substr(1));
    if (input.front() == 'f') {
        try_fault(line);
    } else {
        try_operation(line);
    }
}

}  // namespace raftkv::fuzz
