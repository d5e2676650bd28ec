"""Where settings come from, read by pydantic-settings: arguments, ``HUIYAO_*`` variables, ``huiyao.toml``."""

from __future__ import annotations

from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from huiyao.settings import DELIMITER, ENV_PREFIX, TOML_FILE, Settings, is_secret_file


class SourcedSettings(BaseSettings, Settings):
    """Settings that ask the environment and the file for what they are not given."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=DELIMITER,
        toml_file=TOML_FILE,
        frozen=True,
        extra="forbid",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before environment before ``huiyao.toml``."""
        del dotenv_settings, file_secret_settings
        if isinstance(env_settings, EnvSettingsSource):
            known = env_settings.env_vars
            env_settings.env_vars = {name: known[name] for name in known if not is_secret_file(name)}
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def plain(self) -> Settings:
        """The same without sources: what the rooms are given is of one kind."""
        return Settings.model_construct(self.model_fields_set, **dict(self))
