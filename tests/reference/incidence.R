# Cumulative incidence of dropout and of planned endings after a landmark, in two groups of clients
# who share therapists, and the difference of the groups, from R's survival.
#   Rscript tests/reference/incidence.R
# writes incidence_clients.csv and incidence_values.csv beside this script.
# Made with R 4.2.2, survival 3.5-3.
suppressMessages(library(survival))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
set.seed(20265)
n <- 260
clients <- data.frame(client = sprintf("c%03d", seq_len(n)),
    therapist = sprintf("t%02d", sample(14, n, replace = TRUE)),
    group = sample(c("low", "high"), n, replace = TRUE))
level <- rnorm(14, 0, .7)[as.integer(substr(clients$therapist, 2, 3))]
drop <- plogis(-2 - .6 * (clients$group == "high") + level)
planned <- .09
other <- .03
end <- 3 + rgeom(n, pmin(drop + planned + other, .95))
how <- runif(n) * (drop + planned + other)
open <- sample(4:20, n, replace = TRUE)
clients$last <- pmin(end, open)
clients$status <- ifelse(end >= open, "censored", ifelse(how < drop, "dropped_out", "stayed"))
clients$planned <- clients$status == "stayed" & how < drop + planned
# An open case is at risk before its last session only, so that it is censored just before.
clients$at <- clients$last + 1 - .5 * (clients$status == "censored")
kind <- ifelse(clients$planned, "planned", clients$status)
clients$state <- factor(kind, c("censored", "dropped_out", "planned", "stayed"))
values <- NULL
moved <- list()
for (group in c("low", "high")) {
  rows <- clients[clients$group == group, ]
  curve <- survfit(Surv(at, state) ~ 1, rows, id = seq_len(nrow(rows)), influence = TRUE)
  kept <- rowSums(curve$n.event[, -1]) > 0
  for (cause in c("dropped_out", "planned")) {
    column <- match(cause, curve$states)
    influence <- curve$influence.pstate[, -1, column]
    by <- rowsum(influence, factor(rows$therapist, sort(unique(clients$therapist))), reorder = TRUE)
    values <- rbind(values, data.frame(group, cause, time = curve$time[kept] - 1,
        share = curve$pstate[kept, column], se = sqrt(colSums(by^2))[kept],
        n_therapists = nrow(by)))
    place <- sum(curve$time <= 11)  # through session 10
    whole <- setNames(rep(0, 14), sort(unique(clients$therapist)))
    whole[rownames(by)] <- by[, place]
    moved[[paste(group, cause)]] <- list(by = whole, share = curve$pstate[place, column])
  }
}
for (cause in c("dropped_out", "planned")) {
  low <- moved[[paste("low", cause)]]
  high <- moved[[paste("high", cause)]]
  values <- rbind(values, data.frame(group = "high_minus_low", cause, time = 10,
      share = high$share - low$share, se = sqrt(sum((high$by - low$by)^2)), n_therapists = 14))
}
values[c("share", "se")] <- lapply(values[c("share", "se")], signif, 12)
write.csv(clients[c("client", "therapist", "group", "last", "status", "planned")],
    file.path(here, "incidence_clients.csv"), row.names = FALSE, quote = FALSE)
write.csv(values, file.path(here, "incidence_values.csv"), row.names = FALSE, quote = FALSE)
