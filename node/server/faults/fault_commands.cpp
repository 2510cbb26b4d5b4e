#include "node/server/faults/fault_commands.hpp"

#include <span>
#include <utility>
#include <vector>

namespace raftkv::server {
namespace {

// More words than any command has: one too many is refused, and so is a thousand.
constexpr std::size_t most_words = 16;

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    while (words.size() < most_words) {
        std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos) break;
        std::size_t end = line.find_first_of(" \t\r", begin);
        words.emplace_back(line.substr(begin, end - begin));
        line = end == std::string_view::npos ? "" : line.substr(end);
    }
    return words;
}

std::string refusal(const std::string& message) {
    return "error " + message + "\n";
}

std::string list(const Faults& faults) {
    std::vector<FaultSpec> active = faults.active();
    std::string answer = "ok " + std::to_string(active.size()) + "\n";
    for (const FaultSpec& fault : active) answer += to_text(fault) + "\n";
    return answer;
}

}  // namespace

std::string answer_fault_line(std::string_view line, Faults& faults) {
    std::vector<std::string> words = words_of(line);
    std::string command = words.empty() ? "" : words.front();
    if (command == "fault") {
        auto fault = parse_fault(std::span(words).subspan(1));
        if (!fault) return refusal(fault.error().message);
        Result<void> applied = faults.apply(*fault);
        return applied ? "ok\n" : refusal(applied.error().message);
    }
    if (command == "list" && words.size() == 1) return list(faults);
    if (command == "clear" && words.size() == 1) {
        faults.clear();
        return "ok\n";
    }
    return refusal("expected: fault <what>, list or clear");
}

}  // namespace raftkv::server
