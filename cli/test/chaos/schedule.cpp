#include "cli/test/chaos/schedule.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "common/check.hpp"

namespace raftkv::chaos {
namespace {

// After a node is well again it needs this long to be counted on: it starts, and catches up. Less
// where faults come quickly: those are meant to meet nodes that have just started, too.
constexpr Millis longest_settling{250};
// Partitions have the most kinds.
constexpr std::uint32_t partition_weight = 2;

// std::mt19937_64 gives the same numbers everywhere, the distributions of the library do not.
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}

    std::int64_t between(std::int64_t low, std::int64_t high) {
        const auto width = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<std::int64_t>(random_() % width);
    }
    Millis between(Millis low, Millis high) { return Millis(between(low.count(), high.count())); }
    bool percent(std::int64_t chance) { return between(1, 100) <= chance; }

    template <typename T>
    void shuffle(std::vector<T>& cards) {
        for (std::size_t i = cards.size(); i > 1; --i) {
            std::swap(cards[i - 1], cards[random_() % i]);
        }
    }

  private:
    std::mt19937_64 random_;
};

// Cards that are all dealt before the first one comes again; the first time one of each.
template <typename T>
class Deck {
  public:
    void add(T card, std::uint32_t times) {
        each_.push_back(card);
        cards_.insert(cards_.end(), times, card);
    }

    T draw(Chance& chance) {
        if (left_.empty()) {
            left_ = std::exchange(each_, {});
            if (left_.empty()) left_ = cards_;
            chance.shuffle(left_);
        }
        T card = left_.back();
        left_.pop_back();
        return card;
    }
    void put_back(T card) { left_.push_back(card); }

  private:
    std::vector<T> each_;  // empty once they are dealt
    std::vector<T> cards_;
    std::vector<T> left_;
};

// The nodes that are taken away, and until when.
class Casualties {
  public:
    Casualties(std::uint32_t nodes, Millis every)
        : minority_((nodes - 1) / 2), settling_(std::min(longest_settling, every / 2)) {}

    // The earliest time from `from` on at which the fault can be borne.
    Millis room_for(const PlannedFault& fault, Millis from) const {
        const KindTraits& kind = traits_of(fault.kind);
        if (!kind.disables) return from;
        Millis at = from;
        for (bool moved = true; moved;) {
            moved = false;
            for (const PlannedFault& other : planned_) {
                if (other.end() + settling_ <= at || !too_many(kind, fault, at)) continue;
                at = std::max(at, other.end() + settling_);
                moved = true;
            }
        }
        return at;
    }

    void add(const PlannedFault& fault) {
        if (traits_of(fault.kind).disables) planned_.push_back(fault);
    }

  private:
    // Faults are planned in the order of their beginnings, so `at` sees the most of them.
    bool too_many(const KindTraits& kind, const PlannedFault& fault, Millis at) const {
        std::uint32_t away = 0;
        for (const PlannedFault& other : planned_) {
            if (other.end() + settling_ <= at) continue;
            if (kind.takes_quorum() || traits_of(other.kind).takes_quorum()) return true;
            away += other.count;
        }
        return away + fault.count > minority_ && !kind.takes_quorum();
    }

    std::uint32_t minority_;
    Millis settling_;
    std::vector<PlannedFault> planned_;
};

class Planner {
  public:
    explicit Planner(const ScheduleSettings& settings)
        : settings_(settings), chance_(settings.seed) {
        RAFTKV_CHECK(settings.nodes >= 3);
        RAFTKV_CHECK(!settings.families.empty());
        for (Family family : settings.families) {
            families_.add(family, family == Family::partition ? partition_weight : 1);
        }
        for (const KindTraits& kind : all_kinds()) kinds_[kind.family].add(kind.kind, kind.weight);
        const bool grows = std::find(settings.families.begin(), settings.families.end(),
                                     Family::membership) != settings.families.end();
        ids_ = settings.nodes + (grows ? spare_nodes : 0);
        const auto twice = static_cast<std::int64_t>(2 * settings.families.size());
        every_ = std::max(Millis(1), std::min(settings.every, settings.length / (twice + 1)));
    }

    std::vector<PlannedFault> plan() {
        std::vector<PlannedFault> schedule;
        Casualties casualties(settings_.nodes, every_);
        Millis from = chance_.between(every_ / 4, every_ / 2);
        for (;;) {
            PlannedFault fault = draw();
            fault.at = casualties.room_for(fault, from);
            if (fault.end() > settings_.length) return schedule;
            casualties.add(fault);
            // What comes soon after an order meets what it began.
            const Millis next = chance_.between(every_ / 2, every_ * 3 / 2);
            from = fault.at + (is_order(fault.kind) ? next / 4 : next);
            schedule.push_back(std::move(fault));
        }
    }

  private:
    PlannedFault draw() {
        PlannedFault fault;
        fault.kind = draw_kind();
        fault.lasts = chance_.between(every_ * 3 / 10, every_ * 12 / 10);
        if (fault.kind == Kind::transfer) fault.lasts = Millis(1);
        fault.at_leader = chance_.percent(60);
        for (std::uint32_t id = 0; id < ids_; ++id) fault.order.push_back(NodeId(id));
        chance_.shuffle(fault.order);
        fault.count = count_for(traits_of(fault.kind).reach);
        fault.amount = amount_for(fault.kind);
        return fault;
    }

    bool is_order(Kind kind) const {
        if (settings_.families.size() == 1) return false;
        return kind == Kind::transfer || changes_members(kind);
    }

    // A node can be removed when one more than were asked for is there.
    Kind draw_kind() {
        Deck<Kind>& deck = kinds_.at(families_.draw(chance_));
        Kind kind = deck.draw(chance_);
        std::uint32_t put_off = 0;
        for (; kind == Kind::remove_member && added_ == 0; kind = deck.draw(chance_)) ++put_off;
        for (; put_off > 0; --put_off) deck.put_back(Kind::remove_member);
        if (kind == Kind::add_member || kind == Kind::add_learner) ++added_;
        if (kind == Kind::remove_member) --added_;
        return kind;
    }

    std::uint32_t count_for(Reach reach) {
        const std::uint32_t minority = (settings_.nodes - 1) / 2;
        switch (reach) {
            case Reach::one:
                return 1;
            case Reach::some:
                return static_cast<std::uint32_t>(chance_.between(1, minority));
            case Reach::minority:
                return minority;
            case Reach::majority:
                return minority + 1;
            case Reach::all:
                return settings_.nodes;
        }
        check_failed("known Reach", __FILE__, __LINE__);
    }

    std::int64_t amount_for(Kind kind) {
        const std::int64_t sign = chance_.percent(50) ? 1 : -1;
        switch (kind) {
            case Kind::delay:
                return chance_.between(5, 60);
            case Kind::drop:
                return chance_.between(100, 2'000);
            case Kind::slow_disk:
                return chance_.between(10, 80);
            case Kind::clock_jump:
                return sign * chance_.between(200, 2'000);
            case Kind::clock_drift:
                return sign * chance_.between(100, 1'000);
            default:
                return 0;
        }
    }

    const ScheduleSettings& settings_;
    Chance chance_;
    Deck<Family> families_;
    std::map<Family, Deck<Kind>> kinds_;
    Millis every_{0};
    std::uint32_t ids_ = 0;    // of all nodes, those that can be added among them
    std::uint32_t added_ = 0;  // and not removed
};

}  // namespace

std::vector<PlannedFault> make_schedule(const ScheduleSettings& settings) {
    return Planner(settings).plan();
}

std::vector<NodeId> choose_nodes(const PlannedFault& fault, std::optional<NodeId> leader,
                                 const std::set<NodeId>& unwell) {
    std::vector<NodeId> candidates;
    if (fault.at_leader && leader) candidates.push_back(*leader);
    candidates.insert(candidates.end(), fault.order.begin(), fault.order.end());
    std::vector<NodeId> chosen;
    for (NodeId node : candidates) {
        const bool taken = std::find(chosen.begin(), chosen.end(), node) != chosen.end();
        if (chosen.size() < fault.count && !taken && unwell.count(node) == 0) {
            chosen.push_back(node);
        }
    }
    return chosen;
}

std::vector<NodeId> choose_members(const PlannedFault& fault, std::optional<NodeId> leader,
                                   const Roster& roster, std::size_t least) {
    constexpr std::size_t at_most_more = 2;
    const std::size_t size = roster.members.size();
    const bool adds = fault.kind != Kind::remove_member;
    if (takes_away(fault.kind) ? size < least + (adds ? 0 : 1) : size >= least + at_most_more)
        return {};
    std::set<NodeId> strangers, taken = roster.members;
    taken.insert(roster.leaving.begin(), roster.leaving.end());
    for (NodeId node : fault.order)
        if (roster.members.count(node) == 0) strangers.insert(node);
    std::vector<NodeId> chosen;
    if (takes_away(fault.kind)) chosen = choose_nodes(fault, leader, strangers);
    if (!adds) return chosen;
    const auto fresh = std::find_if(fault.order.begin(), fault.order.end(),
                                    [&](NodeId node) { return taken.count(node) == 0; });
    if (fresh == fault.order.end()) return {};
    chosen.push_back(*fresh);
    return chosen;
}

}  // namespace raftkv::chaos
