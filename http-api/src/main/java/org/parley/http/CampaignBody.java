package org.parley.http;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.Category;

/** A campaign as clients write it: what has a default may be left out. */
record CampaignBody(
    String name,
    String audience,
    Optional<Category> category,
    List<Step> steps,
    Optional<Schedule> schedule,
    Optional<PolicyBody> policy) {

  record PolicyBody(
      Optional<CapBody> frequencyCap,
      Optional<QuietHours> quietHours,
      Optional<Integer> ratePerSecond) {}

  record CapBody(int messages, Duration per, Optional<OnLimit> onLimit) {}

  CampaignDefinition definition() {
    return new CampaignDefinition(
        name,
        audience,
        category.orElse(Category.MARKETING),
        steps,
        schedule.orElse(Schedule.NOW),
        policy.map(CampaignBody::policy).orElse(Policy.NONE));
  }

  private static Policy policy(PolicyBody body) {
    return new Policy(
        body.frequencyCap.map(
            cap -> new FrequencyCap(cap.messages, cap.per, cap.onLimit.orElse(OnLimit.SKIP))),
        body.quietHours,
        body.ratePerSecond);
  }
}
