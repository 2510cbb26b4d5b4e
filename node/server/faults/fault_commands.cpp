#include "node/server/faults/fault_commands.hpp"

#include <vector>

namespace raftkv::server {
namespace {

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
    if (line.ends_with('\r')) line.remove_suffix(1);
    constexpr std::string_view fault_command = "fault ";
    if (line.starts_with(fault_command)) {
        auto fault = parse_fault_text(line.substr(fault_command.size()));
        if (!fault) return refusal(fault.error().message);
        Result<void> applied = faults.apply(*fault);
        return applied ? "ok\n" : refusal(applied.error().message);
    }
    if (line == "list") return list(faults);
    if (line == "clear") {
        faults.clear();
        return "ok\n";
    }
    return refusal("expected: fault <what>, list or clear");
}

}  // namespace raftkv::server
