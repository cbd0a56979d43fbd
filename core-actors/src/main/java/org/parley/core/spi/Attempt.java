package org.parley.core.spi;

import java.time.Instant;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;

/**
 * A granted attempt on its way to a carrier. The grant is durable before this exists.
 *
 * @param number which try this is, from 1
 * @param address where to reach the customer; personal, never logged
 * @param unsubscribeToken proves to {@code POST /v1/unsubscribe/{token}} who wants to leave; absent
 *     for transactional messages
 * @param until nothing starts on the wire after this
 */
public record Attempt(
    AttemptId id,
    CustomerKey customer,
    StepKey key,
    int number,
    Channel channel,
    Category category,
    String address,
    Profile profile,
    Template template,
    Optional<String> unsubscribeToken,
    Instant grantedAt,
    Instant until) {}
