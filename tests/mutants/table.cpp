// Prints the table of mutants for README.md: which invariant caught each, with which seed.
#include <fmt/format.h>

#include <cstdio>

#include "tests/mutants/hunt.hpp"

int main() {
    using namespace raftkv::mutants;
    fmt::print("| mutant | the mistake | caught by | seed | events |\n|---|---|---|---|---|\n");
    bool all_caught = true;
    for (std::size_t number = 0; number < all().size(); ++number) {
        const Mutant& mutant = all()[number];
        const auto caught = hunt(number, budget);
        all_caught = all_caught && caught.has_value();
        fmt::print("| {} | {} | {} | {} | {} |\n", mutant.name, mutant.what,
                   caught ? caught->invariant : "**nothing**", caught ? caught->seed : budget,
                   caught ? fmt::format("{}", caught->events) : "");
        std::fflush(stdout);
    }
    return all_caught ? 0 : 1;
}
