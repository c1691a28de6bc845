from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from labeling.api import views as api
from labeling.assignment import settings_views
from labeling.assignment import views as assignment
from labeling.collection import builder_views, exam_views, member_views, moving_views, own_views, review_views
from labeling.collection import views as collection
from labeling.collection.done_views import done
from labeling.generation import endpoint_views as endpoints
from labeling.generation import run_views as runs
from labeling.generation import views as generation
from labeling.imports import views as imports
from labeling.people import token_views
from labeling.people import views as people
from labeling.projects import guideline_views, message_views
from labeling.projects import invitation_views as invitations
from labeling.projects import views as projects
from labeling.projects.join_views import join
from labeling.prompts import held_views as held
from labeling.prompts import views as prompts

in_project = [
    path("", assignment.overview, name="overview"),
    path("people/", projects.people, name="people"),
    path("people/<int:user_id>/", member_views.member, name="member"),
    path("people/<int:user_id>/change/", member_views.change_member, name="change-member"),
    path("people/<int:user_id>/messages/", member_views.write_to_member, name="write-to-member"),
    path("people/<int:user_id>/grade/<int:result_id>/", member_views.grade_member, name="grade-member"),
    path("settings/", settings_views.settings, name="project-settings"),
    path("people/invitations/", invitations.new_invitation, name="new-invitation"),
    path("people/invitations/prolific/", invitations.new_study, name="new-study"),
    path("people/invitations/<int:invitation_id>/revoke/", invitations.revoke_invitation, name="revoke-invitation"),
    path("import/", imports.imports, name="imports"),
    path("import/<int:import_id>/", imports.one_import, name="import"),
    path("import/<int:import_id>/discard/", imports.discard_import, name="discard-import"),
    path("prompts/", prompts.prompts, name="prompts"),
    path("prompts/held/", held.held, name="held-prompts"),
    path("prompts/held/decide/", held.decide_held, name="decide-held"),
    path("images/<slug:sha256>/", prompts.image, name="image"),
    path("responses/", generation.responses, name="responses"),
    path("responses/endpoints/new/", endpoints.new_endpoint, name="new-endpoint"),
    path("responses/endpoints/<int:endpoint_id>/", endpoints.endpoint, name="endpoint"),
    path("responses/endpoints/<int:endpoint_id>/check/", endpoints.check_endpoint, name="check-endpoint"),
    path("responses/endpoints/<int:endpoint_id>/try/", endpoints.try_endpoint, name="try-endpoint"),
    path("responses/endpoints/<int:endpoint_id>/tried/<int:trial_id>/", endpoints.trial, name="trial"),
    path("responses/runs/new/", runs.new_run, name="new-run"),
    path("responses/runs/<int:run_id>/", runs.run, name="run"),
    path("responses/runs/<int:run_id>/change/", runs.change, name="change-run"),
    path("tasks/", assignment.tasks, name="tasks"),
    path("tasks/new/", assignment.new_tasks, name="new-tasks"),
    path("tasks/plans/<int:plan_id>/overlap/", settings_views.overlap, name="change-overlap"),
    path("tasks/<int:task_id>/", review_views.task, name="task"),
    path("tasks/<int:task_id>/decide/", review_views.decide_task, name="decide-task"),
    path("tasks/<int:task_id>/review/<int:annotation_id>/", review_views.review_annotation, name="review-annotation"),
    path("tasks/<int:task_id>/gold/", review_views.gold, name="gold"),
    path("review/", review_views.review, name="review"),
    path("questions/", builder_views.questions, name="questions"),
    path("questions/new/", builder_views.new_question, name="new-question"),
    path("questions/preset/", builder_views.use_preset, name="use-preset"),
    path("questions/change/<slug:name>/", builder_views.change_question, name="change-question"),
    path("guidelines/", guideline_views.guidelines, name="guidelines"),
    path("guidelines/new/", guideline_views.new_guidelines, name="new-guidelines"),
    path("guidelines/read/", guideline_views.read_guidelines, name="read-guidelines"),
    path("messages/<int:message_id>/read/", message_views.read_message, name="read-message"),
    path("label/", collection.label, name="label"),
    path("label/next/", collection.next_task, name="next-task"),
    path("label/exam/", exam_views.exam, name="exam"),
    path("label/<int:task_id>/feedback/", exam_views.feedback, name="feedback"),
    path("label/done/", done, name="done"),
    path("label/mine/", own_views.own_labels, name="own-labels"),
    path("label/goal/", own_views.change_goal, name="change-goal"),
    path("label/<int:task_id>/", collection.label_task, name="label-task"),
    path("label/<int:task_id>/submit/", collection.submit_task, name="submit-task"),
    path("label/<int:task_id>/draft/", collection.save_task, name="save-task"),
    path("label/<int:task_id>/discard/", collection.discard_task, name="discard-task"),
    path("label/<int:task_id>/skip/", collection.skip_task, name="skip-task"),
    path("label/<int:task_id>/ahead/", collection.ahead, name="ahead"),
]

in_api = [
    path("projects/", api.projects, name="api-projects"),
    path("projects/<slug:slug>/", api.project, name="api-project"),
    path("projects/<slug:slug>/members/", api.members, name="api-members"),
]

urlpatterns = [
    path("", projects.home, name="home"),
    path("sign-in/", people.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("join/<str:token>/", join, name="join"),
    path("keys/", people.keys, name="keys"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", token_views.revoke_token, name="revoke-token"),
    path("language/", set_language, name="language"),
    path("projects/new/", projects.new_project, name="new-project"),
    path("projects/move/", moving_views.move_project, name="move-project"),
    path("p/<slug:slug>/", include(in_project)),
    path("api/v1/", include(in_api)),
]
