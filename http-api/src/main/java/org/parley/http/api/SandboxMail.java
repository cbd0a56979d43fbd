package org.parley.http.api;

import java.time.Instant;

/**
 * A mail that the sandbox carrier took, as its inbox shows it.
 *
 * @param receivedAt when the carrier took it
 * @param from the sender, as people read it
 * @param to the recipient, as people read it
 * @param text the plain text; empty when there is none
 */
public record SandboxMail(
    Instant receivedAt, String from, String to, String subject, String text) {}
