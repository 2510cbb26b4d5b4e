#include "tests/system/standin/mode.hpp"

#include <utility>

namespace raftkv::standin {

std::optional<Mode> parse_mode(std::string_view name) {
    static constexpr std::pair<std::string_view, Mode> table[] = {
        {"sound", Mode::sound},
        {"forgets", Mode::forgets},
        {"stale_reads", Mode::stale_reads},
        {"two_leaders", Mode::two_leaders},
        {"replicas_differ", Mode::replicas_differ},
        {"duplicate_versions", Mode::duplicate_versions},
        {"applies_refused", Mode::applies_refused},
        {"no_quorum", Mode::no_quorum},
        {"keeps_expired", Mode::keeps_expired},
        {"never_elects_again", Mode::never_elects_again},
        {"dies", Mode::dies},
    };
    for (const auto& [known, mode] : table) {
        if (known == name) return mode;
    }
    return std::nullopt;
}

}  // namespace raftkv::standin
