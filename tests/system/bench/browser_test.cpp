#include "tests/system/browser/browser.hpp"

#include "cli/bench/page.hpp"
#include "tests/unit/bench/sample_report.hpp"

// The page of a measurement in a real browser, driven by drive.js.

namespace raftkv::bench {
namespace {

class MeasurementInBrowser : public system_test::BrowserTest {
  protected:
    void expect_fine(const Report& report, const std::string& scenario) {
        // What goes wrong while the page builds itself is heard, too.
        std::string page = as_page(report);
        const std::string head = "<head>";
        page.insert(page.find(head) + head.size(),
                    "<script>var wrongs = []; onerror = (text) => { wrongs.push(text); };"
                    "</script>");
        const std::string said = said_about(page + "<script>" + contents(RAFTKV_BENCH_DRIVER) +
                                            "drive('" + scenario + "');</script>");
        EXPECT_NE(said.find("end of the list"), std::string::npos) << said;
        EXPECT_EQ(said.find("WRONG"), std::string::npos) << said;
    }
};

TEST_F(MeasurementInBrowser, CanBeLookedInto) {
    expect_fine(sample_report(), "measured");
}

TEST_F(MeasurementInBrowser, ThatNeverBeganBreaksNothing) {
    expect_fine(begin_report(Settings{}, "3 nodes of its own"), "empty");
}

TEST_F(MeasurementInBrowser, WithHostileTextStaysText) {
    expect_fine(hostile_report(), "hostile");
}

}  // namespace
}  // namespace raftkv::bench
