#include "cli/test/chaos/report.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::chaos {

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed:
            return "passed";
        case Outcome::failed:
            return "failed";
        case Outcome::undecided:
            return "undecided";
        case Outcome::not_run:
            return "not run";
    }
    check_failed("known Outcome", __FILE__, __LINE__);
}

const Check* Report::decisive() const {
    for (Outcome outcome : {Outcome::failed, Outcome::undecided}) {
        const auto found = std::find_if(checks.begin(), checks.end(), [&](const Check& check) {
            return check.outcome == outcome;
        });
        if (found != checks.end()) return &*found;
    }
    return nullptr;
}

Outcome Report::outcome() const {
    if (interrupted || checks.empty()) return Outcome::not_run;
    const Check* check = decisive();
    return check == nullptr ? Outcome::passed : check->outcome;
}

ExitCode Report::exit_code() const {
    if (interrupted) return ExitCode::interrupted;
    switch (outcome()) {
        case Outcome::passed:
            return ExitCode::done;
        case Outcome::failed:
            return ExitCode::failed;
        case Outcome::undecided:
        case Outcome::not_run:
            return ExitCode::undecided;
    }
    check_failed("known Outcome", __FILE__, __LINE__);
}

}  // namespace raftkv::chaos
